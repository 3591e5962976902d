import { randomBytes } from 'node:crypto';
import type { Cancellation, QueueCancellations } from '../queue-cancellations.interface.js';
import type { RedisInspector } from './redis-inspector.js';
import type { RedisSignals } from './redis-signals.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { cancelScript } from './scripts/cancel.script.js';

/** How long the answer to a request is kept for copies of it, in milliseconds: longer than a request is sent again. */
const ANSWER_TTL = 600_000;
/** The longest list in which an element is searched: that takes Redis ten microseconds. */
export const SEARCHED = 1_000;
const ANSWERS: readonly (Cancellation | null)[] = [null, 'cancelled', 'cancelling'];

/** Cancels jobs, and calls the consumer that holds a cancelled job. */
export class RedisCancellations implements QueueCancellations {
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly inspector: RedisInspector,
    private readonly signals: RedisSignals,
  ) {}

  async cancel(id: string, reason?: string): Promise<Cancellation | null> {
    const status = await this.inspector.getStatus(id);
    if (!status || status.queue === '') return null;
    const { queue } = status;
    const { commands, statusTtl, keys, retention } = this.toolkit;
    const { completed: completedTtl, failed: failedTtl, maxCompleted } = retention(queue);
    const own = keys.of(queue);
    const { claimedPrefix, statusPrefix } = own;
    const reasonText = reason === undefined ? '' : JSON.stringify(reason);
    const input = {
      keys: { ...own, answer: own.callPrefix + randomBytes(9).toString('base64url') },
      args: {
        id,
        reasonText,
        answerTtl: ANSWER_TTL,
        searched: SEARCHED,
        claimedPrefix,
        statusPrefix,
        statusTtl,
        completedTtl,
        failedTtl,
        maxCompleted,
        queue,
      },
    };
    const answer = ANSWERS[Number(await commands.run(cancelScript, input, 'deadline', queue))] ?? null;
    if (answer === 'cancelling') this.signals.send(queue);
    return answer;
  }
}
