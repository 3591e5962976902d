import type { ConsumerOptions, QueueConsumer, QueueDriver, PollRequest, PollResult } from '../../../lib/index.js';
import { timeOfMachine, type History } from './history.js';

/** Makes the consumers of a driver record their claims, their settlements and the replies to those. */
export function recordPolls(driver: QueueDriver, history: History): void {
  const consume = driver.consume.bind(driver);
  driver.consume = (queue: string, options: ConsumerOptions): QueueConsumer => {
    const consumer = consume(queue, options);
    return {
      queue,
      get id() {
        return consumer.id;
      },
      limits: consumer.limits,
      poll: async (request) => {
        const sentAt = timeOfMachine();
        let result: PollResult | undefined;
        try {
          result = await consumer.poll(request);
          return result;
        } catch (error) {
          history.write({ type: 'poll-failed', queue, error: (error as Error).message });
          throw error;
        } finally {
          record(history, queue, sentAt, request, result);
        }
      },
      note: (...args) => consumer.note(...args),
      close: () => consumer.close(),
    };
  };
}

function record(history: History, queue: string, sentAt: number, request: PollRequest, result?: PollResult): void {
  const refused = new Set(result?.refused);
  const settled = request.settlements.map((settlement) => ({
    id: settlement.id,
    fence: settlement.fence,
    kind: settlement.kind,
    delay: 'delay' in settlement ? settlement.delay : 0,
    ...(result && { accepted: !result.lost && !refused.has(settlement.id) }),
  }));
  if (settled.length > 0) history.write({ type: 'settled', queue, sentAt, jobs: settled });
  if (result?.lost) history.write({ type: 'lease-lost', queue });
  if (!result || result.jobs.length === 0) return;
  const jobs = result.jobs.map(({ id, fence, attempt, crashes }) => ({ id, fence, attempt, crashes }));
  history.write({ type: 'claimed', queue, jobs });
}
