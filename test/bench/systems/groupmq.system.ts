import { Queue, Worker } from 'groupmq';
import { Redis } from 'ioredis';
import type { Payload } from '../subject/payload.js';
import { QUEUE, type JobWorker, type Producer, type System, type SystemSettings } from './system.interface.js';
import type { WorkerSettings } from './system.interface.js';

/** How many jobs it sends together, and for how long it waits for them, in milliseconds: the fastest of the settings that were tried. */
const BATCH = { size: 100, maxWaitMs: 5 };

/** GroupMQ. Each job has a group, and one job of a group runs at once. It keeps no ended job by default. */
const groupmq: System = {
  async openProducer(settings): Promise<Producer> {
    const redis = connect(settings);
    const queue = open(settings, redis);
    const push = async (data: Payload): Promise<unknown> => queue.add({ groupId: groupOf(settings, data), data });
    return {
      push,
      pushMany: async (list) => Promise.all(list.map(push)),
      close: async () => {
        await queue.close();
        redis.disconnect();
      },
    };
  },

  async openWorker(settings: WorkerSettings): Promise<JobWorker> {
    const { concurrency, onJob } = settings;
    const redis = connect(settings);
    const queue = open(settings, redis);
    const handler = async ({ data }: { data: Payload }): Promise<void> => onJob(data);
    const worker = new Worker<Payload>({ queue, concurrency, handler });
    await redis.ping();
    let running: Promise<void> | undefined;
    return {
      start: () => {
        running = worker.run();
      },
      stop: async () => {
        await worker.close();
        await running;
        await queue.close();
        redis.disconnect();
      },
    };
  },
};

export default groupmq;

function connect({ host, port }: SystemSettings): Redis {
  return new Redis({ host, port, maxRetriesPerRequest: null });
}

function open({ queue = QUEUE }: SystemSettings, redis: Redis): Queue<Payload> {
  return new Queue<Payload>({ redis, namespace: queue, autoBatch: BATCH });
}

/** Of a thousand groups, as with the uses of groups; without a use each job is a group. */
function groupOf({ use }: SystemSettings, { number }: Payload): string {
  return use ? number.slice(-3) : number;
}
