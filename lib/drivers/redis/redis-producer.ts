import { randomBytes } from 'node:crypto';
import { JobIdConflictError, QueueConnectionError, UnknownOutcomeError, type IdConflict } from '../../queue.errors.js';
import type { JobTraits } from '../job-traits.interface.js';
import type { NewJob, PushException } from '../queue-driver.interface.js';
import type { QueueKeys } from './keys.js';
import { isUncertain } from './redis-commands.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { REPLACED } from './scripts/parts/debounce.part.js';
import {
  pushDebouncedScript,
  pushGroupedMembersScript,
  pushGroupedScript,
  pushGivenScript,
  pushMembersScript,
  pushRankedScript,
  pushScheduledScript,
  pushScript,
  pushTraitsScript,
  readDebouncedScript,
} from './scripts/push.script.js';
import { TOO_LATE } from './scripts/parts/take-members.part.js';
import { SEARCHED } from './scripts/parts/stale.part.js';
import { encodeTraits } from './trait-codec.js';

/** The time for which the server remembers a push that the producer has not confirmed, in milliseconds: a day. */
const MEMORY = 86_400_000;
/**
 * The time for which a copy of a push that went out on a lost connection may still arrive, in milliseconds: a kernel
 * tries for a quarter of an hour to deliver what a closed socket has sent.
 */
const LATEST_COPY = 16 * 60_000;
/** The most confirmations that one push carries. */
const MAX_CONFIRMED = 500;
/**
 * The interval at which the name of a queue is written again, in milliseconds: an administrator may have emptied the
 * database.
 */
const NAME_REFRESH = 60_000;

/** A queue that this producer pushes to. */
interface TargetQueue {
  readonly name: string;
  readonly keys: QueueKeys & { readonly producer: string };
  /** The numbers of the pushes whose answers came; the next push confirms them. */
  readonly answered: number[];
  /** The pushes of which a copy may still arrive, the oldest one first. */
  readonly doubtful: DoubtfulPush[];
  /** The time when the name was last written to the list of queues; `-Infinity` for never. */
  namedAt: number;
}

/** A push of jobs whose ids were known before. */
interface MemberPush {
  readonly script: typeof pushMembersScript | typeof pushGroupedMembersScript | typeof pushScheduledScript;
  /** Milliseconds. */
  readonly validUntil: number;
}

/** A push whose answer does not show that no copy of it is under way. */
interface DoubtfulPush {
  readonly number: number;
  /**
   * The time of the first answer to a later push. ioredis sends commands again in their order, so it sends this one no
   * more. `undefined` before.
   */
  overtakenAt: number | undefined;
}

/**
 * The pushing side of the driver:
 *
 * 1. numbers its pushes, so that the server recognizes a push that arrives twice by its number;
 * 2. confirms, with a later push, the numbers that will not be sent again;
 * 3. reports to the caller if a push that failed may have been stored;
 * 4. writes the list of queue names.
 */
export class RedisProducer {
  private readonly id = randomBytes(9).toString('base64url');
  private readonly queues = new Map<string, TargetQueue>();
  private lastPush = 0;

  /** @param searched the longest list in which an element is searched; see the script part `take waiting jobs` */
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly searched = SEARCHED,
  ) {}

  /**
   * @param members how to push jobs whose ids were known before; see {@link pushMembers}
   * @returns the jobs that were there already
   * @throws UnknownOutcomeError if the jobs may or may not be stored
   * @throws JobIdConflictError if ids conflict, and the other jobs are stored; any other error if no job is
   */
  async push(
    name: string,
    jobs: readonly NewJob[],
    looks: boolean,
    members?: MemberPush,
  ): Promise<readonly PushException[] | undefined> {
    if (jobs.length === 0) return undefined;
    const { connection, commands, clock, statusTtl } = this.toolkit;
    const queue = this.queues.get(name) ?? this.open(name);
    if (clock.monotonic() - queue.namedAt >= NAME_REFRESH) await this.writeName(queue);
    const call = ++this.lastPush;
    const confirmed = queue.answered.splice(0, MAX_CONFIRMED);
    const rest: (string | number)[] = [...confirmed];
    let needs = 0;
    for (const job of jobs) {
      rest.push(job.id, Math.ceil(job.delay * 1000), job.body);
      if (!looks) continue;
      rest.push(factsOf(job));
      needs |= needsOf(job);
    }
    const { keys } = queue;
    const { statusPrefix } = keys;
    const { othersBase } = this.toolkit.keys;
    const args = { call, producerTtl: MEMORY, answered: confirmed.length };
    const { losses } = connection;
    let reply: unknown;
    try {
      reply = looks
        ? await commands.run(
            members?.script ?? scriptFor(needs),
            {
              keys,
              args: {
                ...args,
                statusPrefix,
                statusTtl,
                queue: name,
                othersBase,
                searched: this.searched,
                validUntil: members?.validUntil ?? 0,
              },
              rest,
            },
            'deadline',
            name,
          )
        : await commands.run(pushScript, { keys, args, rest }, 'deadline', name);
    } catch (error) {
      queue.answered.push(...confirmed);
      if (isUncertain(error)) {
        queue.doubtful.push({ number: call, overtakenAt: undefined });
        const ids = jobs.map((job) => job.id);
        throw new UnknownOutcomeError(ids, { cause: error });
      }
      queue.answered.push(call);
      throw error;
    }
    if (queue.doubtful.length > 0) confirmDoubtful(queue, call, clock.monotonic());
    // A copy that went out on a lost connection may still arrive: the network can delay it for minutes.
    if (connection.losses === losses) queue.answered.push(call);
    else queue.doubtful.push({ number: call, overtakenAt: undefined });
    if (!Array.isArray(reply)) {
      if (reply === TOO_LATE) throw new QueueConnectionError(`The push to queue ${name} came too late`);
      return undefined;
    }
    const [conflicts, duplicates] = reply as [string[], string[]];
    if (conflicts.length === 0) return readDuplicates(duplicates);
    const allIds = jobs.map((job) => job.id);
    throw new JobIdConflictError(readConflicts(name, conflicts), allIds);
  }

  /**
   * Pushes members of flows. A job that is there already, or has ended a short while ago, is not added.
   *
   * @param validUntil on the clock of the server, in milliseconds: a later push stores nothing
   * @throws as {@link push}; QueueConnectionError if it came too late
   */
  async pushMembers(name: string, jobs: readonly NewJob[], validUntil: number): Promise<void> {
    const isGrouped = jobs.some(({ traits }) => traits?.group !== undefined);
    const script = isGrouped ? pushGroupedMembersScript : pushMembersScript;
    this.tell(name, jobs, await this.push(name, jobs, true, { script, validUntil }));
  }

  /** Pushes jobs of schedules, as {@link pushMembers} does. A unique job whose key is taken is not added either. */
  async pushScheduled(name: string, jobs: readonly NewJob[], validUntil: number): Promise<void> {
    this.tell(name, jobs, await this.push(name, jobs, true, { script: pushScheduledScript, validUntil }));
  }

  private tell(queue: string, jobs: readonly NewJob[], exceptions: readonly PushException[] = []): void {
    const observer = this.toolkit.observer();
    if (!observer.hearsPushes) return;
    const known = new Set(exceptions.map(({ index }) => index));
    observer.pushed(
      queue,
      jobs.filter((_, index) => !known.has(index)),
    );
  }

  /** See `QueueDriver.readDebounced`. */
  async readDebounced(queue: string, key: string): Promise<string | null> {
    const { commands, keys } = this.toolkit;
    const input = { keys: keys.of(queue), args: { key } };
    return (await commands.run(readDebouncedScript, input, 'deadline', queue)) as string | null;
  }

  /** Forgets that a queue is in the list of queues. */
  forget(name: string): void {
    const queue = this.queues.get(name);
    if (queue) queue.namedAt = -Infinity;
  }

  private open(name: string): TargetQueue {
    const keys = this.toolkit.keys.of(name);
    const queue = {
      name,
      keys: { ...keys, producer: keys.producerPrefix + this.id },
      answered: [],
      doubtful: [],
      namedAt: -Infinity,
    };
    this.queues.set(name, queue);
    return queue;
  }

  /**
   * Writes the name of a queue to the list of queues. The first time, the name has to be there before the jobs; later,
   * no push waits for it or fails because of it.
   */
  private async writeName(queue: TargetQueue): Promise<void> {
    const { commands, keys, clock } = this.toolkit;
    const { name, namedAt } = queue;
    const write = (policy: 'deadline' | 'once'): Promise<number> =>
      commands.call((client) => client.sadd(keys.queues, name), policy, { key: keys.queues, queue: name });
    if (namedAt === -Infinity) {
      await write('deadline');
      queue.namedAt = clock.monotonic();
    } else {
      queue.namedAt = clock.monotonic();
      write('once').catch(() => (queue.namedAt = namedAt));
    }
  }
}

/**
 * Confirms the doubtful pushes of which no copy can arrive any more. Else their numbers would stay in Redis as long as
 * this process pushes.
 *
 * @param answeredPush the push whose answer has come
 */
function confirmDoubtful({ doubtful, answered }: TargetQueue, answeredPush: number, now: number): void {
  for (const push of doubtful) if (push.number < answeredPush) push.overtakenAt ??= now;
  while (doubtful[0]?.overtakenAt !== undefined && now - doubtful[0].overtakenAt >= LATEST_COPY) {
    answered.push(doubtful.shift()!.number);
  }
}

/** The abilities that a job needs of the script that stores it; bits. */
const NEEDS = { given: 1, priority: 2, traits: 4, group: 8, debounce: 16 } as const;

function needsOf({ isGenerated, traits }: NewJob): number {
  const given = isGenerated ? 0 : NEEDS.given;
  if (traits === undefined) return given;
  const group = traits.group === undefined ? 0 : NEEDS.group;
  const others = hasPriorityAtMost(traits) ? 0 : NEEDS.traits;
  return given | NEEDS.priority | others | group | (traits.debounce ? NEEDS.debounce : 0);
}

/** Chooses the shortest script with the abilities that some jobs need: each look of a script takes time, also if no job needs it. */
function scriptFor(needs: number) {
  if ((needs & ~NEEDS.given) === 0) return pushGivenScript;
  if ((needs & (NEEDS.given | NEEDS.debounce)) !== 0) return pushDebouncedScript;
  if ((needs & NEEDS.traits) === 0) return pushRankedScript;
  return (needs & NEEDS.group) === 0 ? pushTraitsScript : pushGroupedScript;
}

function hasPriorityAtMost({ unique, debounce, group, flow, isScheduled }: JobTraits): boolean {
  return (unique ?? debounce ?? group ?? flow) === undefined && !isScheduled;
}

/** What the script looks at, beside the job: see the script part `take ids`. */
function factsOf({ isGenerated, name = '', replacesEnded, ticket, traits }: NewJob): string {
  const wishes = isGenerated ? '' : `${replacesEnded ? 1 : 0}${name}${ticket === undefined ? '' : `\t${ticket}`}`;
  return traits === undefined ? wishes : wishes + encodeTraits(traits);
}

function toException(told: string): Omit<PushException, 'index'> {
  if (!told.startsWith(REPLACED)) return { outcome: 'duplicate', id: told };
  return told === REPLACED ? { outcome: 'changed', id: '' } : { outcome: 'replaced', id: told.slice(REPLACED.length) };
}

/** Reads the duplicates of a push: index and id of each. */
function readDuplicates(reply: readonly string[]): PushException[] {
  return Array.from({ length: reply.length / 2 }, (_, i) => ({
    index: Number(reply[i * 2]),
    ...toException(reply[i * 2 + 1]!),
  }));
}

/** Reads the conflicts of a push: id, name asked for, queue found and name found of each. */
function readConflicts(queue: string, reply: readonly string[]): IdConflict[] {
  return Array.from({ length: reply.length / 4 }, (_, i) => {
    const [id, name, foundQueue, foundName] = reply.slice(i * 4) as [string, string, string, string];
    return { id, asked: { queue, name }, found: { queue: foundQueue, ...(foundName !== '' && { name: foundName }) } };
  });
}
