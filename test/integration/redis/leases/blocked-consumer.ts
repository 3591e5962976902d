import { createInterface } from 'node:readline/promises';
import { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { resolveOptions } from '../../../../lib/options/options.resolver.js';
import type { QueueRedisOptions } from '../../../../lib/queue.options.js';
import { systemClock } from '../../../../lib/support/clock.js';

/** What {@link runBlockedConsumer} is told, as JSON in its first argument. */
export interface ConsumerOrders {
  readonly redis: QueueRedisOptions;
  readonly queues: readonly string[];
  /** Seconds. */
  readonly lease: number;
  /** For how long the event loop is blocked, in seconds. */
  readonly block: number;
  readonly prefix?: string;
  /** True to give the password by a function. */
  readonly asksForPassword?: boolean;
}

/**
 * A process that claims a job of each queue, and says so; at the word `block` it blocks its event loop, as a handler would that
 * computes; then it completes the jobs, tells what was refused or lost, and ends by itself.
 */
async function runBlockedConsumer(orders: ConsumerOrders): Promise<void> {
  const { queues, lease, block, prefix } = orders;
  const say = (word: string, more: object = {}): void =>
    void process.stdout.write(`${JSON.stringify({ word, ...more })}\n`);
  const { password } = orders.redis;
  const redis = orders.asksForPassword ? { ...orders.redis, password: async () => password as string } : orders.redis;
  const options = resolveOptions({ driver: 'redis', redis, prefix }, {});
  const driver = new RedisDriver({ ...options, clock: systemClock, logger: undefined });
  await driver.connect();
  const consumers = await Promise.all(
    queues.map(async (queue) => {
      const consumer = driver.consume(queue, { lease, onLost: () => say('lost') });
      const { jobs } = await consumer.poll({ settlements: [], limit: 1, recovered: false });
      return { consumer, jobs };
    }),
  );
  // The thread that guards the leases takes a moment to start.
  await driver.listen(['nothing']).wait(500);
  const lines = createInterface(process.stdin);
  const told = new Promise<void>((resolve) => lines.once('line', () => resolve()));
  say('claimed', { ids: consumers.flatMap(({ jobs }) => jobs.map(({ id }) => id)) });
  await told;
  lines.close();
  process.stdin.destroy();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, block * 1000);
  const results = await Promise.all(
    consumers.map(({ consumer, jobs }) => {
      const settlements = jobs.map(({ id, fence }) => ({ kind: 'complete' as const, id, fence }));
      return consumer.poll({ settlements, limit: 0, recovered: false });
    }),
  );
  say('settled', { lost: results.some((result) => result.lost), refused: results.flatMap((result) => result.refused) });
  await driver.close();
  say('closed');
}

await runBlockedConsumer(JSON.parse(process.argv[2]!) as ConsumerOrders);
