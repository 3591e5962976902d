import { describe, expect, it } from '@jest/globals';
import { Chaos } from '../harness/chaos.js';
import { HangJob, SlowJob } from '../process/jobs.js';

const WAITS = 100;

describe('a wait for a job', () => {
  const chaos = new Chaos();

  it('resolves when another worker has run the job', async () => {
    await chaos.begin({ worker: { lease: 1 } });
    const worker = await chaos.worker();
    const id = await chaos.producer.push(HangJob, worker.pid);
    const waiting = chaos.producer.queue.waitFor(id, { timeout: '60s' });
    await chaos.held(1);
    await worker.kill();
    await chaos.worker();
    await waiting;
    await chaos.drained();
    expect(await chaos.producer.queue.getJobStatus(id)).toMatchObject({ status: 'completed' });
    await chaos.expectAllWell({ fault: 'kill -9 of a worker, while somebody waits for its job' });
  });

  it('resolves when Redis was killed and is back', async () => {
    await chaos.begin({ config: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    await chaos.workers(2);
    const ids = await chaos.producer.pushMany(SlowJob, Array(WAITS).fill(30));
    const waits = ids.map((id) => chaos.producer.queue.waitFor(id, { timeout: '60s' }));
    const first = await Promise.race(waits.map(async (wait, i) => wait.then(() => ids[i])));
    expect(first).toBeDefined();
    chaos.redis.kill('SIGKILL');
    await chaos.redis.restart();
    await Promise.all(waits);
    await chaos.drained();
    const { figures } = await chaos.expectAllWell({ fault: 'kill -9 of Redis, while somebody waits for jobs' });
    expect(figures).toMatchObject({ jobs: WAITS, lost: 0 });
  });
});
