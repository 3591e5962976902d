import type { ClaimedJob, QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import type { ArrayStage, RedisStage, Stage } from './stage.js';

/** Lets the leases of all consumers that hold jobs of a queue run out: the next poll recovers their jobs. */
export async function expireLeases(stage: Stage, queue: string): Promise<void> {
  if (stage.name === 'array') {
    for (const lease of leasesOf(stage as ArrayStage, queue)) lease.renew(-Infinity);
    return;
  }
  const client = (stage as RedisStage).redis.client!;
  for (const consumer of await client.zrange(`queue:${queue}:consumers`, '0', '-1')) {
    if (await client.exists(`queue:${queue}:claimed:${consumer}`))
      await client.zadd(`queue:${queue}:consumers`, 'XX', '1', consumer);
  }
}

/** Claims jobs of a queue, recovered jobs too, and lets their leases run out, as if their worker had crashed. */
export async function crashWith(
  stage: Stage,
  driver: QueueDriver,
  queue: string,
  count: number,
): Promise<ClaimedJob[]> {
  const jobs = await claimAndVanish(driver, queue, count);
  await expireLeases(stage, queue);
  return jobs;
}

/** Claims jobs of a queue, recovered jobs too, with consumers that close and keep the jobs until their leases run out. */
export async function claimAndVanish(driver: QueueDriver, queue: string, count: number): Promise<ClaimedJob[]> {
  const jobs: ClaimedJob[] = [];
  while (jobs.length < count) {
    const consumer = driver.consume(queue, { lease: 3600, onLost: () => {} });
    const result = await consumer.poll({ settlements: [], limit: count - jobs.length, recovered: true });
    if (result.jobs.length === 0) throw new Error(`Queue ${queue} has only ${jobs.length} of ${count} jobs`);
    jobs.push(...result.jobs);
    await consumer.close();
  }
  return jobs;
}

interface ArrayLeaseLike {
  renew(expiresAt: number): void;
}

/** Reads a private field: only a test needs the leases of a driver. */
function leasesOf({ driver }: ArrayStage, queue: string): Iterable<ArrayLeaseLike> {
  const { states } = driver as unknown as { states: Map<string, { leases: Set<ArrayLeaseLike> }> };
  return states.get(queue)?.leases ?? [];
}
