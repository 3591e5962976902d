import type { ChaosEvent, PushedJobs, SettledJob } from '../process/history.js';

/** The events of each process, by its name. */
export type Histories = Readonly<Record<string, readonly ChaosEvent[]>>;

/** A job that was pushed. */
export interface PushedJob extends Omit<PushedJobs, 'ids'> {
  readonly id: string;
  /** True if the push was acknowledged, and the server cannot have lost it. */
  readonly acknowledged: boolean;
  /** True if the push was acknowledged, but the server may have lost it. */
  readonly forgotten: boolean;
}

/** One run of a job in one process, from its claim to its settlement. */
export interface Run {
  readonly id: string;
  readonly queue: string;
  readonly process: string;
  readonly fence: number;
  readonly attempt: number;
  /** -1 if the claim is not known. */
  crashes: number;
  /** True if the server may have lost the claim. */
  forgotten: boolean;
  readonly startedAt: readonly number[];
  /** True if its attempt failed. */
  hasFailed: boolean;
  readonly settlements: readonly Settlement[];
}

export interface Settlement extends SettledJob {
  readonly sentAt: number;
}

/** The combined histories of all processes of a test, sorted by job. */
export interface Timeline {
  readonly pushes: ReadonlyMap<string, PushedJob>;
  /** The runs of each job, in the order of their fences. */
  readonly runs: ReadonlyMap<string, readonly Run[]>;
  /** The same runs, split where an operator put the job back after it had failed. */
  readonly lives: ReadonlyMap<string, readonly (readonly Run[])[]>;
  /** The number of jobs that operators put back. */
  readonly putBack: number;
  /** When operators removed or cancelled jobs that no worker had, in milliseconds. */
  readonly dropped: ReadonlyMap<string, number>;
  /** The earliest time at which an operator made a job due, in milliseconds. */
  readonly dues: ReadonlyMap<string, number>;
  /** Processes whose jobs others may recover. */
  readonly lost: ReadonlySet<string>;
  /** Workers; `drained` is true if the worker settled everything before it ended. */
  readonly workers: ReadonlyMap<string, { readonly drained: boolean }>;
  /** The fences that each process claimed, by queue, in the order of its claims. */
  readonly claims: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
}

interface OpenRun extends Run {
  readonly startedAt: number[];
  readonly settlements: Settlement[];
}

/**
 * Combines the histories of a test.
 *
 * @param forgotten see `Expectations`; a settlement that the server may have lost counts as one without a reply
 */
export function buildTimeline(histories: Histories, forgotten: (at: number) => boolean = () => false): Timeline {
  const pushes = new Map<string, PushedJob>();
  const runs = new Map<string, OpenRun>();
  const dropped = new Map<string, number>();
  const dues = new Map<string, number>();
  const lost = new Set<string>();
  let putBack = 0;
  const workers = new Map<string, { drained: boolean }>();
  const claims = new Map<string, Map<string, number[]>>();
  const runOf = (process: string, queue: string, id: string, fence: number, attempt: number): OpenRun => {
    const key = `${process} ${queue} ${id} ${fence}`;
    let run = runs.get(key);
    if (!run) {
      run = {
        id,
        queue,
        process,
        fence,
        attempt,
        crashes: -1,
        forgotten: false,
        hasFailed: false,
        startedAt: [],
        settlements: [],
      };
      runs.set(key, run);
    }
    return run;
  };
  const onEvent = (process: string, event: ChaosEvent): void => {
    switch (event.type) {
      case 'pushed':
      case 'push-unknown': {
        const { ids, name, queue, delay, maxTries, sentAt } = event;
        const acknowledged = event.type === 'pushed';
        const gone = acknowledged && (forgotten(sentAt) || forgotten(event.at));
        const job = { name, queue, delay, maxTries, sentAt, acknowledged: acknowledged && !gone, forgotten: gone };
        for (const id of ids) pushes.set(id, { ...job, id });
        break;
      }
      case 'up':
        workers.set(process, { drained: false });
        break;
      case 'drained':
        if (workers.has(process)) workers.set(process, { drained: true });
        break;
      case 'lost':
        lost.add(event.process);
        break;
      case 'claimed': {
        const ofProcess = getOrAdd(claims, process, () => new Map<string, number[]>());
        const fences = getOrAdd(ofProcess, event.queue, () => []);
        for (const { id, fence, attempt, crashes } of event.jobs) {
          fences.push(fence);
          const run = runOf(process, event.queue, id, fence, attempt);
          run.crashes = crashes;
          run.forgotten = forgotten(event.at);
        }
        break;
      }
      case 'start':
        runOf(process, event.queue, event.id, event.fence, event.attempt).startedAt.push(event.at);
        break;
      case 'settled': {
        const gone = forgotten(event.sentAt) || forgotten(event.at);
        for (const { accepted, ...job } of event.jobs) {
          const settlement = { ...job, sentAt: event.sentAt, accepted: accepted && gone ? undefined : accepted };
          runOf(process, event.queue, job.id, job.fence, 0).settlements.push(settlement);
        }
        break;
      }
      case 'end':
        if (event.error !== undefined) runOf(process, event.queue, event.id, event.fence, 0).hasFailed = true;
        break;
      case 'put-back':
        putBack += event.count;
        break;
      case 'dropped':
        dropped.set(event.id, event.at);
        break;
      case 'due-changed':
        dues.set(event.id, Math.min(event.due, dues.get(event.id) ?? Infinity));
        break;
      case 'push-refused':
      case 'item':
      case 'tick':
      case 'lease-lost':
      case 'poll-failed':
      case 'exit':
        break;
    }
  };
  for (const [process, events] of Object.entries(histories)) for (const event of events) onEvent(process, event);
  const ofJobs = byJob(runs.values());
  const lives = new Map([...ofJobs].map(([id, ofJob]) => [id, putBack > 0 ? splitLives(ofJob, lost) : [ofJob]]));
  return { pushes, runs: ofJobs, lives, putBack, dropped, dues, lost, workers, claims };
}

/** Returns true if the storage accepted a settlement of one of these kinds. A settlement without a reply does not count. */
export function wasAccepted(run: Run, ...kinds: readonly SettledJob['kind'][]): boolean {
  return run.settlements.some(({ kind, accepted }) => accepted === true && kinds.includes(kind));
}

/** Returns each life of each job, with the id of the job. */
export function eachLife(lives: Timeline['lives']): (readonly [id: string, life: readonly Run[]])[] {
  return [...lives].flatMap(([id, ofJob]) => ofJob.map((life) => [id, life] as const));
}

export function wasStarted(run: Run): boolean {
  return run.startedAt.length > 0;
}

/**
 * Splits the runs of a job where it had failed and ran again. Only an operator puts a failed job back: its attempts and crashes
 * begin anew. A killed process cannot tell that it sent the end of its job; if nobody counted a crash after that, the end arrived.
 */
function splitLives<Any extends Run>(ofJob: readonly Any[], lost: ReadonlySet<string>): Any[][] {
  const lives: Any[][] = [];
  for (const run of ofJob) {
    const life = lives.at(-1);
    const before = life?.at(-1);
    if (life && before && !beginsAnew(before, run, lost)) life.push(run);
    else lives.push([run]);
  }
  return lives;
}

function beginsAnew({ settlements, startedAt, process }: Run, run: Run, lost: ReadonlySet<string>): boolean {
  const fail = settlements.find(({ kind }) => kind === 'fail');
  if (fail?.accepted === true) return true;
  const mayHaveFailed = fail ? fail.accepted === undefined : startedAt.length > 0 && settlements.length === 0;
  return mayHaveFailed && lost.has(process) && run.crashes === 0;
}

function byJob(runs: Iterable<Run>): Map<string, Run[]> {
  const jobs = new Map<string, Run[]>();
  for (const run of runs) getOrAdd(jobs, run.id, () => []).push(run);
  for (const ofJob of jobs.values()) ofJob.sort((a, b) => a.fence - b.fence);
  return jobs;
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
