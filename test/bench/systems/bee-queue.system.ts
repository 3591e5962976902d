import BeeQueue from 'bee-queue';
import type { Payload } from '../subject/payload.js';
import { QUEUE, type JobWorker, type Producer, type System } from './system.interface.js';
import type { SystemSettings, WorkerSettings } from './system.interface.js';

/** The settings that its documentation recommends for many jobs: no events, and no jobs in memory. */
const LEAN: BeeQueue.QueueSettings = { getEvents: false, sendEvents: false, storeJobs: false };

/** Bee-Queue on its own Redis client. It cannot remove jobs after a time, so "24 h" keeps the whole job forever. */
const beeQueue: System = {
  async openProducer(settings): Promise<Producer> {
    const queue = await open(settings, { isWorker: false });
    return {
      push: async (data) => queue.createJob(data).save(),
      pushMany: async (list) => {
        const errors = await queue.saveAll(list.map((data) => queue.createJob(data)));
        for (const error of errors.values()) throw error;
      },
      close: async () => queue.close(),
    };
  },

  async openWorker(settings: WorkerSettings): Promise<JobWorker> {
    const { concurrency, onJob, retention } = settings;
    const queue = await open(settings, { removeOnSuccess: retention === 'none' });
    return {
      start: () => queue.process(concurrency, async ({ data }: BeeQueue.Job<Payload>) => onJob(data)),
      stop: async () => queue.close(),
    };
  },
};

export default beeQueue;

async function open(settings: SystemSettings, more: BeeQueue.QueueSettings): Promise<BeeQueue<Payload>> {
  const { host, port, queue = QUEUE } = settings;
  return new BeeQueue<Payload>(queue, { ...LEAN, ...more, redis: { host, port } }).ready();
}
