import { randomBytes } from 'node:crypto';
import type { JobState } from '../../job/job-status.js';
import { isGeneratedId } from '../../job/job-id.js';
import { each, slices } from '../../support/slices.js';
import type { FailedJob, FailedPage, FailedPageRequest, QueueMending } from '../queue-mending.interface.js';
import { ANSWER_TTL } from './answer-ttl.js';
import { readCompleted } from './kept-codec.js';
import type { QueueKeys } from './keys.js';
import type { RedisInspector } from './redis-inspector.js';
import { RedisMoves } from './redis-moves.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { failedPageScript } from './scripts/failed-page.script.js';
import { obliterateScript } from './scripts/obliterate.script.js';
import { LATE, MORE, MOVES } from './scripts/parts/obliterate.part.js';
import { removeScript } from './scripts/remove.script.js';
import { LONGER } from './scripts/parts/replace.part.js';
import { readWaitingScript, replaceLongerScript, replaceScript } from './scripts/replace.script.js';
import { rescheduleScript } from './scripts/reschedule.script.js';
import { retryScript } from './scripts/retry.script.js';
import { setPriorityScript } from './scripts/set-priority.script.js';
import type { ScriptDefinition } from './scripts/script.js';
import { SEARCHED } from './scripts/parts/stale.part.js';

/** The most jobs that one script puts back. */
const RETRIED = 100;
/** The most jobs that one script removes: of each it has to be known that no consumer holds it. */
const REMOVED = 50;
/** The most jobs of a queue that one script removes, each with all that is stored of it. */
const OBLITERATED = 100;
/** How often one looks if workers come back, and the time from one look to the next, in milliseconds: for longer than a grace. */
const LOOKS = 7;
const LOOK_EACH = 500;
/** The length of the time of the push in front of a record. */
const TIME_LENGTH = 13;
/** The number of jobs whose queues are looked for at once. */
const LOOKED_FOR = 100;

/** The arguments that each script of waiting jobs takes. */
interface WaitingArgs {
  readonly claimedPrefix: string;
  readonly searched: number;
  readonly answerTtl: number;
}

/** Changes jobs for an operator, with scripts that each change a bounded number of jobs. */
export class RedisMending implements QueueMending {
  private readonly moves: RedisMoves;

  /** @param searched the longest list in which an element is searched; see the script part `take waiting jobs` */
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly inspector: RedisInspector,
    /** Called with the name of a queue that was removed. */
    private readonly onObliterated: (queue: string) => void = () => undefined,
    private readonly searched = SEARCHED,
  ) {
    this.moves = new RedisMoves(toolkit);
  }

  async queuesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const byQueue = new Map<string, string[]>();
    const all = [...new Set(ids)];
    const found = await each(all, LOOKED_FOR, (id) => this.candidatesOf(id));
    for (const [index, queues] of found.entries()) {
      for (const queue of queues) {
        const known = byQueue.get(queue);
        if (known) known.push(all[index]!);
        else byQueue.set(queue, [all[index]!]);
      }
    }
    return byQueue;
  }

  async failed(queue: string, { limit, cursor = ' ', headers }: FailedPageRequest): Promise<FailedPage> {
    const { commands, keys, retention } = this.toolkit;
    const [afterScore, afterId] = cursor.split(' ') as [string, string];
    const args = { failedTtl: retention(queue).failed, afterScore, afterId, limit, headers: headers ? 1 : 0 };
    const reply = await commands.run(failedPageScript, { keys: keys.of(queue), args }, 'deadline', queue);
    const [now, lastScore, lastId, moves, ...values] = reply as [number, string, string, number, ...string[]];
    if (moves > 0 && afterId === '') {
      await this.moves.end(queue);
      return this.failed(queue, { limit, headers });
    }
    const jobs: FailedJob[] = [];
    for (let i = 0; i < values.length; i += 3) {
      const [id, failedAt, header] = values.slice(i, i + 3) as [string, string, string];
      jobs.push({ id, failedAt: Number(failedAt), ...(headers && { header }) });
    }
    return { jobs, now, ...(lastId !== '' && { cursor: `${lastScore} ${lastId}` }) };
  }

  async retry(queue: string, ids: readonly string[]): Promise<number> {
    const { statusTtl, retention } = this.toolkit;
    const { statusPrefix } = this.toolkit.keys.of(queue);
    const args = { queue, statusPrefix, statusTtl, failedTtl: retention(queue).failed, answerTtl: ANSWER_TTL };
    return this.inSlices(queue, ids, RETRIED, retryScript, args);
  }

  async move(queue: string, ids: readonly string[], target: string): Promise<number> {
    return this.moves.move(queue, ids, target);
  }

  async remove(queue: string, ids: readonly string[], only?: readonly JobState[]): Promise<number> {
    const { completed: completedTtl, failed: failedTtl } = this.toolkit.retention(queue);
    const { statusPrefix, claimedPrefix } = this.toolkit.keys.of(queue);
    const kept = { completedTtl, failedTtl, answerTtl: ANSWER_TTL };
    const args = {
      queue,
      only: only ? ` ${only.join(' ')} ` : '',
      statusPrefix,
      claimedPrefix,
      searched: this.searched,
      ...kept,
    };
    return this.inSlices(queue, ids, REMOVED, removeScript, args);
  }

  async completed(queue: string): Promise<string[]> {
    const { commands, keys } = this.toolkit;
    const key = keys.of(queue).completedIds;
    const elements = await commands.call((client) => client.lrange(key, 0, -1), 'deadline', { key, queue });
    return elements.map((element) => readCompleted(element).id);
  }

  async promote(queue: string, id: string): Promise<boolean> {
    return this.changeDue(queue, id, 0, 'delayed');
  }

  async reschedule(queue: string, id: string, delay: number): Promise<boolean> {
    return this.changeDue(queue, id, Math.ceil(delay * 1000), '');
  }

  async setPriority(queue: string, id: string, priority: number): Promise<boolean> {
    return this.change(queue, setPriorityScript, { id, value: priority });
  }

  async readWaiting(queue: string, id: string): Promise<string | null> {
    const own = this.toolkit.keys.of(queue);
    const args = { id, claimedPrefix: own.claimedPrefix, searched: this.searched };
    const record = await this.toolkit.commands.run(readWaitingScript, { keys: own, args }, 'deadline', queue);
    return typeof record === 'string' ? record.slice(TIME_LENGTH) : null;
  }

  async replace(queue: string, id: string, header: string, body: string): Promise<boolean> {
    const own = { id, header, record: body };
    const result = await this.changeOne(queue, replaceScript, { ...own, mayGrow: 0 });
    if (result !== LONGER) return result === 1;
    return this.change(queue, replaceLongerScript, { ...own, mayGrow: 1 });
  }

  async obliterate(queue: string): Promise<number> {
    const { commands, keys, clock } = this.toolkit;
    const own = keys.of(queue);
    const { claimedPrefix, pollsPrefix, statusPrefix, statsPrefix } = own;
    const prefixes = { claimedPrefix, pollsPrefix, statusPrefix, statsPrefix };
    const limits = { limit: OBLITERATED, answerTtl: ANSWER_TTL };
    const args = { ...prefixes, queuesKey: keys.namesForScripts, queue, ...limits };
    for (let looks = 1; ;) {
      const input = { keys: { ...own, answer: this.newAnswer(own) }, args };
      const reply = Number(await commands.run(obliterateScript, input, 'deadline', queue));
      if (reply > 0) return reply;
      if (reply === 0) break;
      if (reply === MOVES) await this.moves.end(queue);
      if (reply === MOVES || reply === MORE) continue;
      if (looks++ === LOOKS) return LATE - reply;
      await new Promise<void>((resolve) => void clock.after(LOOK_EACH, resolve));
    }
    if (keys.namesForScripts === '') {
      await commands.call((client) => client.srem(keys.queues, queue), 'deadline', { key: keys.queues, queue });
    }
    this.onObliterated(queue);
    return 0;
  }

  private async changeDue(queue: string, id: string, delay: number, only: '' | 'delayed'): Promise<boolean> {
    const { statusPrefix } = this.toolkit.keys.of(queue);
    return this.change(queue, rescheduleScript, { id, delay, only, statusPrefix });
  }

  /** Runs a script that changes one waiting job. */
  private async change<Arg extends string>(
    queue: string,
    script: ScriptDefinition<keyof QueueKeys | 'answer', Arg>,
    own: Readonly<Record<Exclude<Arg, keyof WaitingArgs>, string | number>>,
  ): Promise<boolean> {
    return (await this.changeOne(queue, script, own)) === 1;
  }

  private async changeOne<Arg extends string>(
    queue: string,
    script: ScriptDefinition<keyof QueueKeys | 'answer', Arg>,
    own: Readonly<Record<Exclude<Arg, keyof WaitingArgs>, string | number>>,
  ): Promise<number> {
    const { claimedPrefix } = this.toolkit.keys.of(queue);
    const args = { ...own, claimedPrefix, searched: this.searched, answerTtl: ANSWER_TTL };
    return this.run(queue, script, args as Readonly<Record<Arg, string | number>>);
  }

  /** Runs a script for each slice of ids, and adds up the replies. */
  private async inSlices<Arg extends string>(
    queue: string,
    ids: readonly string[],
    size: number,
    script: ScriptDefinition<keyof QueueKeys | 'answer', Arg>,
    args: Readonly<Record<Arg, string | number>>,
  ): Promise<number> {
    let count = 0;
    for (const slice of slices(ids, size)) count += await this.run(queue, script, args, slice);
    return count;
  }

  private async run<Arg extends string>(
    queue: string,
    script: ScriptDefinition<keyof QueueKeys | 'answer', Arg>,
    args: Readonly<Record<Arg, string | number>>,
    rest?: readonly string[],
  ): Promise<number> {
    const { commands, keys } = this.toolkit;
    const own = keys.of(queue);
    const answer = this.newAnswer(own);
    for (let hasEnded = true; ;) {
      const reply = await commands.run(script, { keys: { ...own, answer }, args, rest }, 'deadline', queue);
      if (Number(reply) >= 0) return Number(reply);
      // One of the jobs is on its way to another queue.
      const hadEnded = hasEnded;
      hasEnded = await this.moves.end(queue);
      // Another program has removed what tells of the move.
      if (!hasEnded && !hadEnded) return 0;
    }
  }

  /** Returns the key of an answer. */
  private newAnswer({ callPrefix }: QueueKeys): string {
    return callPrefix + randomBytes(9).toString('base64url');
  }

  /** Returns the queues that may have a job. */
  private async candidatesOf(id: string): Promise<readonly string[]> {
    const status = await this.inspector.getStatus(id);
    if (status && status.queue !== '') return [status.queue];
    // Its status may be gone before its record: the application can write a status that is kept for a shorter time.
    const all = await this.inspector.names.read();
    if (!isGeneratedId(id, this.toolkit.clock.now())) return all;
    const named = this.inspector.names.named(id);
    return [...named, ...(await this.inspector.movedFrom(named, id))];
  }
}
