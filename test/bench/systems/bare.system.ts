import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { closeClient } from '../../support/close-client.js';
import type { Payload } from '../subject/payload.js';
import { QUEUE, type JobWorker, type Producer, type System } from './system.interface.js';
import type { SystemSettings, WorkerSettings } from './system.interface.js';

/** The number of jobs in one `RPUSH`. */
const BATCH = 500;
/** The pause of a worker that found no job, in milliseconds. */
const POLL = 1;

/**
 * The fastest possible queue on a Redis list, for comparison: `RPUSH` of many, `LPOP` of many, JSON, and no guarantees (a
 * popped job is gone). All commands go over one connection without waiting for each other.
 */
const bare: System = {
  async openProducer(settings): Promise<Producer> {
    const { client, key } = await open(settings);
    const push = async (list: readonly Payload[]): Promise<unknown> =>
      client.rpush(key, ...list.map((data) => JSON.stringify(data)));
    return {
      push: async (data) => push([data]),
      pushMany: async (list) => {
        const batches: Promise<unknown>[] = [];
        for (let i = 0; i < list.length; i += BATCH) batches.push(push(list.slice(i, i + BATCH)));
        return Promise.all(batches);
      },
      close: async () => closeClient(client),
    };
  },

  /** Its concurrency is the number of jobs in one `LPOP`. It sends the next `LPOP` while the jobs of the last one run. */
  async openWorker(settings: WorkerSettings): Promise<JobWorker> {
    const { client, key } = await open(settings);
    const { concurrency, onJob } = settings;
    let stopped = false;
    let running: Promise<void> | undefined;
    const work = async (): Promise<void> => {
      let next = client.lpop(key, concurrency);
      for (;;) {
        const batch = await next;
        if (stopped) return;
        next = client.lpop(key, concurrency);
        const waits: Promise<void>[] = [];
        for (const text of batch ?? []) {
          const wait = onJob(JSON.parse(text) as Payload);
          if (wait) waits.push(wait);
        }
        if (waits.length > 0) await Promise.all(waits);
        if (!batch) await pause(POLL);
      }
    };
    return {
      start: () => {
        running = work();
      },
      stop: async () => {
        stopped = true;
        await running;
        closeClient(client);
      },
    };
  },
};

export default bare;

async function open({ host, port, queue = QUEUE }: SystemSettings): Promise<{ client: Redis; key: string }> {
  const client = new Redis({ host, port, lazyConnect: true });
  await client.connect();
  return { client, key: queue };
}
