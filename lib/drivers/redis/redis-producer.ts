import { randomBytes } from 'node:crypto';
import { UnknownOutcomeError } from '../../queue.errors.js';
import type { NewJob } from '../queue-driver.interface.js';
import { RequestFailure } from './redis-requests.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { pushScript } from './scripts/push.script.js';

/** How long a push is remembered whose answer the producer has not confirmed, in milliseconds: a day. */
const MEMORY = 86_400_000;
/** The most confirmations that one push carries. */
const MAX_CONFIRMED = 500;
/** How often the name of a queue is written again, in milliseconds: somebody may have emptied the database. */
const NAME_REFRESH = 60_000;

/**
 * The pushing side of the driver:
 *
 * 1. numbers its pushes, so that one that arrives twice is known by its number;
 * 2. tells, with a later push, which numbers will not be sent again;
 * 3. tells who pushes when it is not known whether a push arrived;
 * 4. keeps the list of queue names.
 */
export class RedisProducer {
  private readonly id = randomBytes(9).toString('base64url');
  private readonly confirmed = new Map<string, number[]>();
  private readonly named = new Map<string, number>();
  private lastCall = 0;

  constructor(private readonly toolkit: RedisToolkit) {}

  async push(queue: string, jobs: readonly NewJob[], unique: boolean): Promise<void> {
    if (jobs.length === 0) return;
    const { connection, requests, scripts } = this.toolkit;
    await this.keepNamed(queue);
    const call = ++this.lastCall;
    const confirmed = this.confirmed.get(queue)?.splice(0, MAX_CONFIRMED) ?? [];
    const rest: (string | number)[] = [...confirmed];
    const answered = confirmed.length;
    for (const job of jobs) rest.push(job.id, Math.ceil(job.delay * 1000), job.body);
    const keys = this.toolkit.keys.of(queue);
    const input = {
      keys: { ...keys, producer: keys.producerPrefix + this.id },
      args: {
        call,
        producerTtl: MEMORY,
        answered,
        unique: unique ? 1 : 0,
        statusPrefix: keys.statusPrefix,
        statusTtl: this.toolkit.statusTtl,
        queue,
      },
      rest,
    };
    const { losses } = connection;
    try {
      await requests.send(() => scripts.run(pushScript, input), queue);
    } catch (failure) {
      this.confirm(queue, confirmed);
      if (!(failure instanceof RequestFailure)) throw failure;
      if (failure.uncertain) {
        throw new UnknownOutcomeError(
          jobs.map((job) => job.id),
          { cause: failure.error },
        );
      }
      this.confirm(queue, [call]);
      throw failure.error;
    }
    // What was on its way when a connection was lost may still arrive: the network can hold it back for minutes.
    if (connection.losses === losses) this.confirm(queue, [call]);
  }

  private confirm(queue: string, calls: readonly number[]): void {
    const list = this.confirmed.get(queue);
    if (list) list.push(...calls);
    else this.confirmed.set(queue, [...calls]);
  }

  /** The first time the name has to be there before the jobs; later on it is only made sure of. */
  private async keepNamed(queue: string): Promise<void> {
    const since = this.named.get(queue);
    if (since === undefined) {
      await this.toolkit.requests.ask(() => this.writeName(queue), queue);
    } else if (this.toolkit.clock.now() - since >= NAME_REFRESH) {
      this.named.set(queue, this.toolkit.clock.now());
      this.writeName(queue).catch(() => this.named.set(queue, since));
    }
  }

  private async writeName(queue: string): Promise<void> {
    const { connection, keys, clock } = this.toolkit;
    await connection.answers.watch(connection.client.sadd(keys.queues, queue), keys.queues);
    this.named.set(queue, clock.now());
  }
}
