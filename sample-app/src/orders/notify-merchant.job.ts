import { Job, UnrecoverableError, type JobContext, type JobHandler } from 'nestjs-job-queue';
import { MerchantClient } from './merchant-client.js';
import type { Order } from './order.js';

/** Status codes of RFC 6585, section 4, and of RFC 9110, section 15.5.9. */
const [TOO_MANY_REQUESTS, REQUEST_TIMEOUT] = [429, 408];
/** The pause after an answer of 429 that names none, in seconds. */
const PAUSE = 30;
/** The longest pause that a merchant gets, in seconds. */
const LONGEST_PAUSE = 3600;

/** Tells a merchant of an order. A merchant that answers 429 gets no call until its time has come; others go on. */
@Job({ queue: 'webhooks', group: ({ merchant }: Order) => merchant, maxTries: 8, retryDelay: 5, timeout: '30s' })
export class NotifyMerchantJob implements JobHandler<Order, void> {
  constructor(private readonly merchants: MerchantClient) {}

  async handle(order: Order, job: JobContext): Promise<void> {
    const { status, retryAfter = PAUSE } = await this.merchants.notify(order, job.signal);
    if (status < 300) return;
    if (status === TOO_MANY_REQUESTS) {
      return job.release(Math.min(retryAfter, LONGEST_PAUSE), { hold: 'group' });
    }
    const message = `${order.merchant} answered ${status}`;
    // The same call would get the same answer.
    if (status < 500 && status !== REQUEST_TIMEOUT) throw new UnrecoverableError(message);
    throw new Error(message);
  }
}
