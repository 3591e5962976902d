import { FlowProducer, Queue, QueueEvents, Worker, type ConnectionOptions, type JobsOptions } from 'bullmq';
import type { Payload } from '../subject/payload.js';
import { QUEUE, type JobWorker, type Producer, type Retention, type System } from './system.interface.js';
import type { SystemSettings, WorkerSettings } from './system.interface.js';

const JOB = 'EmptyJob';
/** Limits of a queue that are not reached. */
const CONCURRENCY = 100_000;
const LIMITER = { max: 50_000, duration: 100 };
/** Milliseconds. */
const DEBOUNCE = 3_600_000;

/**
 * BullMQ with its defaults, which are its fastest settings. The retention is set with the job, as its documentation
 * recommends.
 *
 * "24 h" is `age: 86400`, its closest setting: it keeps the whole job, and looks for old jobs each time a job ends. Keeping
 * jobs forever (`false`) was not measurably faster.
 */
const bullmq: System = {
  async openProducer(settings): Promise<Producer> {
    const keep = keepJobs(settings.retention);
    const queue = new Queue(settings.queue ?? QUEUE, {
      connection: connectionOf(settings),
      defaultJobOptions: { removeOnComplete: keep, removeOnFail: keep },
    });
    // Each job that somebody waits for adds a listener.
    queue.setMaxListeners(0);
    await queue.waitUntilReady();
    if (settings.use === 'concurrency') await queue.setGlobalConcurrency(CONCURRENCY);
    let events: QueueEvents | undefined;
    let flows: FlowProducer | undefined;
    return {
      push: async (data) => queue.add(JOB, data),
      pushMany: async (list, delay) => {
        if (settings.use === 'batch') {
          // Its batch is a parent, which runs once all children have completed.
          flows ??= new FlowProducer({ connection: connectionOf(settings) });
          const job = { name: JOB, queueName: queue.name, opts: { removeOnComplete: keep, removeOnFail: keep } };
          return flows.add({ ...job, children: list.map((data) => ({ ...job, data })) });
        }
        return queue.addBulk(
          list.map((data, at) => {
            if (settings.use === 'priority') return { name: JOB, data, opts: { priority: (at % 21) + 1 } };
            if (settings.use === 'unique') return { name: JOB, data, opts: { deduplication: { id: data.number } } };
            if (settings.use === 'debounce') return { name: JOB, data, opts: debounced(data) };
            return delay === undefined ? { name: JOB, data } : { name: JOB, data, opts: { delay } };
          }),
        );
      },
      pushAndWait: async (data) => {
        events ??= listen(settings);
        await events.waitUntilReady();
        const job = await queue.add(JOB, data);
        return job.waitUntilFinished(events);
      },
      close: async () => {
        await events?.close();
        await flows?.close();
        await queue.close();
      },
    };
  },

  async openWorker(settings: WorkerSettings): Promise<JobWorker> {
    const { concurrency, onJob, queue = QUEUE, use } = settings;
    const worker = new Worker(queue, async ({ data }: { data: Payload }) => onJob(data), {
      connection: connectionOf(settings),
      concurrency,
      ...(use === 'rate' && { limiter: LIMITER }),
      autorun: false,
    });
    await worker.waitUntilReady();
    let running: Promise<void> | undefined;
    return {
      start: () => {
        running = worker.run();
      },
      stop: async () => {
        await worker.close();
        await running;
      },
    };
  },
};

export default bullmq;

function listen(settings: SystemSettings): QueueEvents {
  const events = new QueueEvents(settings.queue ?? QUEUE, { connection: connectionOf(settings) });
  // Each job that somebody waits for adds listeners.
  events.setMaxListeners(0);
  return events;
}

function connectionOf({ host, port }: SystemSettings): ConnectionOptions {
  return { host, port, maxRetriesPerRequest: null };
}

/** Of a thousand keys. Its debounce mode is a deduplication that replaces the delayed job. */
function debounced({ number }: Payload): JobsOptions {
  return { delay: DEBOUNCE, deduplication: { id: number.slice(-3), ttl: DEBOUNCE, extend: true, replace: true } };
}

function keepJobs(retention: Retention): true | { age: number } {
  return retention === 'none' ? true : { age: 86_400 };
}
