import { randomBytes } from 'node:crypto';
import { slices } from '../../support/slices.js';
import type {
  Cancellation,
  CancelledSome,
  LiveJob,
  LivePage,
  LivePageRequest,
  QueueCancellations,
} from '../queue-cancellations.interface.js';
import { ANSWER_TTL } from './answer-ttl.js';
import type { RedisInspector } from './redis-inspector.js';
import type { RedisSignals } from './redis-signals.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { cancelScript } from './scripts/cancel.script.js';
import { livePageScript } from './scripts/live-page.script.js';
import { SEARCHED } from './scripts/parts/stale.part.js';

/** The most jobs that one script cancels: of each it has to be known whether a consumer holds it. */
const CANCELLED = 50;
/** What the script `cancel` replies. */
const [ENDED, CLAIMED, KNOWN] = ['1', '2', '3'];

/** Cancels jobs, and calls the consumers that hold cancelled jobs. */
export class RedisCancellations implements QueueCancellations {
  /** @param searched the longest list in which an element is searched; see the script part `take waiting jobs` */
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly inspector: RedisInspector,
    private readonly signals: Pick<RedisSignals, 'send'>,
    private readonly searched = SEARCHED,
  ) {}

  async cancel(id: string, reason?: string): Promise<Cancellation | null> {
    const status = await this.inspector.getStatus(id);
    if (!status || status.queue === '') return null;
    return this.cancelIn(status.queue, id, reason);
  }

  /** Cancels a job of this queue, if it has it. */
  async cancelIn(queue: string, id: string, reason?: string): Promise<Cancellation | null> {
    const digit = await this.run(queue, [id], 0, reason);
    if (digit === ENDED) return 'cancelled';
    if (digit !== CLAIMED && digit !== KNOWN) return null;
    this.signals.send(queue);
    return 'cancelling';
  }

  async live(queue: string, { limit, cursor = '0', pushedBy = 0, headers }: LivePageRequest): Promise<LivePage> {
    const { commands, keys } = this.toolkit;
    const args = { position: cursor, limit, pushedBy, headers: headers ? 1 : 0 };
    const reply = await commands.run(livePageScript, { keys: keys.of(queue), args }, 'deadline', queue);
    const [latest, next, ...values] = reply as [string, string, ...string[]];
    const jobs: LiveJob[] = [];
    for (let i = 0; i < values.length; i += 2) {
      const [id, header] = values.slice(i, i + 2) as [string, string];
      jobs.push(headers ? { id, header } : { id });
    }
    return { jobs, pushedBy: Number(latest), ...(next !== '0' && { cursor: next }) };
  }

  async cancelSome(queue: string, ids: readonly string[], pushedBy: number, reason?: string): Promise<CancelledSome> {
    const ended: string[] = [];
    let told = 0;
    for (const slice of slices(ids, CANCELLED)) {
      const digits = await this.run(queue, slice, pushedBy, reason);
      ended.push(...slice.filter((_, index) => digits[index] === ENDED));
      told += slice.filter((_, index) => digits[index] === CLAIMED).length;
    }
    if (told > 0) this.signals.send(queue);
    return { ended, told };
  }

  private async run(queue: string, ids: readonly string[], pushedBy: number, reason: string | undefined) {
    const { commands, statusTtl, keys, retention } = this.toolkit;
    const { completed: completedTtl, failed: failedTtl, maxCompleted } = retention(queue);
    const own = keys.of(queue);
    const { claimedPrefix, statusPrefix } = own;
    const input = {
      keys: { ...own, answer: own.callPrefix + randomBytes(9).toString('base64url') },
      args: {
        reasonText: reason === undefined ? '' : JSON.stringify(reason),
        pushedBy,
        answerTtl: ANSWER_TTL,
        searched: this.searched,
        claimedPrefix,
        statusPrefix,
        statusTtl,
        completedTtl,
        failedTtl,
        maxCompleted,
        queue,
      },
      rest: ids,
    };
    return String(await commands.run(cancelScript, input, 'deadline', queue));
  }
}
