import Bull from 'bull';
import type { Payload } from '../subject/payload.js';
import { QUEUE, type JobWorker, type Producer, type System } from './system.interface.js';
import type { SystemSettings, WorkerSettings } from './system.interface.js';

/** Bull with its defaults, on its own copy of ioredis. "24 h" is `age: 86400`: like BullMQ, it keeps the whole job. */
const bull: System = {
  async openProducer(settings): Promise<Producer> {
    const keep = settings.retention === 'none' ? true : { age: 86_400 };
    const queue = open(settings, { removeOnComplete: keep, removeOnFail: keep });
    await queue.isReady();
    return {
      push: async (data) => queue.add(data),
      pushMany: async (list, delay) => queue.addBulk(list.map((data) => ({ data, opts: { delay } }))),
      close: async () => queue.close(),
    };
  },

  async openWorker(settings: WorkerSettings): Promise<JobWorker> {
    const { concurrency, onJob } = settings;
    const queue = open(settings);
    await queue.isReady();
    let running: Promise<unknown> | undefined;
    return {
      start: () => {
        running = queue.process(concurrency, async ({ data }) => onJob(data));
      },
      stop: async () => {
        await queue.close();
        await running;
      },
    };
  },
};

export default bull;

function open({ host, port, queue = QUEUE }: SystemSettings, defaultJobOptions?: Bull.JobOptions): Bull.Queue<Payload> {
  return new Bull<Payload>(queue, { redis: { host, port }, defaultJobOptions });
}
