import { setTimeout as pause } from 'node:timers/promises';
import type { Subject } from '../subject/subject.js';
import { OURS_AND_BULLMQ, QUEUE_SYSTEMS } from '../systems/systems.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { inTurn } from './rounds.js';
import { BYTES, fill, onlyOf } from './workload.js';

const RETENTION = '24h';
const CONCURRENCY = 100;
/** How long to wait after a load, in milliseconds, because the server resizes its tables. */
const SETTLE = 300;

/**
 * Measures the memory of a job in Redis, while it waits and after it has ended. It is the memory that the second half of
 * the jobs adds: the first half includes memory that is taken once, such as the 10,000 events that BullMQ keeps.
 */
export const memory: Measurement = {
  name: 'memory',
  systems: QUEUE_SYSTEMS,
  async run(bench) {
    const waiting = await inTurn(bench, 1, (subject) => measure(bench, subject, false));
    const finished = await inTurn(onlyOf(bench, OURS_AND_BULLMQ), 1, (subject) => measure(bench, subject, true));
    return [
      { id: 'memory.waiting', title: 'memory of a waiting job', unit: 'bytes', values: waiting },
      { id: 'memory.finished', title: 'memory of a finished job, kept 24 h', unit: 'bytes', values: finished },
    ];
  },
};

async function measure({ server, effort }: Bench, subject: Subject, finish: boolean): Promise<number> {
  const count = effort.memoryJobs;
  const sizes: number[] = [];
  for (let half = 0; half < 2; half++) {
    await fill(subject, count, RETENTION);
    if (finish) await subject.run('work', { bytes: BYTES, retention: RETENTION, count, concurrency: CONCURRENCY });
    await pause(SETTLE);
    sizes.push(await server.dataBytes());
  }
  return (sizes[1]! - sizes[0]!) / count;
}
