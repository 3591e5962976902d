import { queueOf } from '../job/stored-queue.js';
import type { QueueDiscovery } from './queue-discovery.js';
import type { StopReason } from './run-limits.js';
import type { SessionOptions } from './session.interface.js';
import type { WorkerSession } from './worker-session.js';

/**
 * The sessions of one run of the worker: one that shares its slots among its queues, or one for each pool. They begin and end
 * together:
 *
 * 1. if a session ends by a limit, or is stopped, all others stop;
 * 2. if the run ends when the queues are empty, a job of one pool may have pushed jobs to another one that has ended already: the
 *    pools begin anew until no job ran;
 * 3. with a {@link QueueDiscovery} the sessions get the queues and partitions that appear while they run.
 */
export class SessionGroup {
  private sessions: readonly WorkerSession[];
  private readonly ending: Promise<StopReason>;
  private begin!: () => void;
  private stopped: { readonly reason: StopReason; timeout: number } | undefined;

  /** @param open opens a session, and does not start it */
  constructor(
    /** The options of each session. */
    readonly options: SessionOptions[],
    private readonly open: (options: SessionOptions) => WorkerSession,
    private readonly discovery?: QueueDiscovery,
    /** What has to be done before the sessions start; it never rejects. */
    private readonly prepare?: () => Promise<void>,
  ) {
    this.sessions = options.map(open);
    this.ending = new Promise<void>((resolve) => (this.begin = resolve)).then(() => this.endOfRounds());
  }

  start(): void {
    if (this.prepare) void this.prepare().then(() => this.startPrepared());
    else this.startPrepared();
  }

  /** Resolves when all sessions have ended, with the reason of the first one that did not end because its queues are empty. */
  async ended(): Promise<StopReason> {
    return this.ending;
  }

  /** Stops all sessions. A second call can only shorten the wait. @param timeout in milliseconds */
  async stop(reason: StopReason, timeout: number): Promise<StopReason> {
    this.stopped ??= { reason, timeout };
    this.stopped.timeout = Math.min(this.stopped.timeout, timeout);
    for (const session of this.sessions) void session.stop(reason, timeout);
    this.begin();
    return this.ending;
  }

  /** The number of jobs that run. */
  get running(): number {
    return this.sessions.reduce((sum, { running }) => sum + running, 0);
  }

  /** The longest silence of a session, in milliseconds: see `silenceOf`. */
  get silence(): number {
    return this.sessions.reduce((longest, { silence }) => Math.max(longest, silence), 0);
  }

  /** Under which ids it holds jobs. */
  get consumers(): string[] {
    return this.sessions.flatMap(({ consumers }) => consumers);
  }

  /** Pauses or resumes queues in this process only. */
  setPaused(isPaused: (queue: string) => boolean): void {
    for (const session of this.sessions) session.setPaused(isPaused);
  }

  /** Sets how many jobs run at once. @param queue the queue of a pool; all sessions if it is left out */
  setConcurrency(concurrency: number, queue?: string): void {
    for (const [index, session] of this.sessions.entries()) {
      const options = this.options[index]!;
      if (queue !== undefined && !options.queues.includes(queue)) continue;
      this.options[index] = { ...options, concurrency };
      session.setConcurrency(concurrency);
    }
  }

  private startPrepared(): void {
    if (this.discovery) void this.discover(this.discovery);
    else this.startSessions();
  }

  private startSessions(): void {
    if (!this.stopped) for (const session of this.sessions) session.start();
    this.begin();
  }

  /** Finds the queues before the session starts, and goes on to look for others while it runs. */
  private async discover(discovery: QueueDiscovery): Promise<void> {
    this.addQueues(await discovery.look());
    this.startSessions();
    discovery.start(this.addQueues);
    void this.ending.finally(() => discovery.stop());
  }

  /** @param found stored queues */
  private readonly addQueues = (found: readonly string[]): void => {
    for (const [index, options] of this.options.entries()) {
      const own = found.filter((stored) => options.isEvery || options.queues.includes(queueOf(stored)));
      if (own.length === 0) continue;
      const queues = [...new Set([...options.queues, ...own.map(queueOf)])];
      this.options[index] = { ...options, queues, found: [...(options.found ?? []), ...own] };
      this.sessions[index]!.addQueues(own);
    }
  };

  private async endOfRounds(): Promise<StopReason> {
    for (;;) {
      const round = this.sessions;
      const reason = await this.endOf(round);
      if (this.stopped || reason !== 'empty' || round[0]!.options.once) return reason;
      // A queue may have appeared since the last look.
      const found = (await this.discovery?.look()) ?? [];
      this.addQueues(found);
      const mayHavePushed = round.length > 1 && round.some(({ hasWorked }) => hasWorked);
      if (this.stopped || (found.length === 0 && !mayHavePushed)) return reason;
      this.sessions = this.options.map(this.open);
      for (const session of this.sessions) session.start();
    }
  }

  private async endOf(round: readonly WorkerSession[]): Promise<StopReason> {
    let first: StopReason = 'empty';
    const end = async (session: WorkerSession): Promise<void> => {
      const reason = await session.ended();
      if (reason === 'empty' || first !== 'empty') return;
      first = reason;
      for (const other of round) if (other !== session) void other.stop(reason, this.stopped?.timeout ?? Infinity);
    };
    await Promise.all(round.map(end));
    return first;
  }
}
