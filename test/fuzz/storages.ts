import type { QueueModuleOptions } from 'nestjs-job-queue';
import type { QueueApp } from '../e2e/nest/queue-app.js';
import type { UsedRedis } from '../support/use-redis.js';

/** A storage for the pushes of a test, with a way to see whether anything was written. */
export interface Storage {
  options(): QueueModuleOptions;
  /** Returns a value that changes with each write. */
  writes(app: QueueApp): Promise<unknown>;
}

export function storages(redis: UsedRedis): [name: string, storage: Storage][] {
  return [
    ['array', { options: () => ({ driver: 'array', worker: false }), writes: describeQueues }],
    [
      'redis',
      {
        // A worker writes as well: its sign of life, and that it has gone.
        options: () => ({ driver: 'redis', redis: { url: redis.url }, worker: false }),
        writes: async () => countChanges(redis),
      },
    ],
  ];
}

async function describeQueues({ queue }: QueueApp): Promise<unknown> {
  const names = await queue.queues();
  return Promise.all(names.map(async (name) => [name, await queue.counts(name)] as const));
}

/** Returns the number of changes that the server has made to its data since its start. */
async function countChanges(redis: UsedRedis): Promise<string | undefined> {
  const info = await redis.client.info('persistence');
  return /^rdb_changes_since_last_save:(\d+)/m.exec(info)?.[1];
}
