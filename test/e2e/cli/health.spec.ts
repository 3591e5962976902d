import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { BlockJob } from './fixture/jobs.js';
import { useWorkers } from './workers.js';

describe('queue-worker and probes', () => {
  const workers = useWorkers();

  test('answers probes while it works, and none while a job blocks its event loop', async () => {
    const port = await freePort();
    const ask = async (path: string, timeout = 2_000) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(timeout) });
      return [response.status, await response.json()];
    };
    const worker = workers.start(['--health-port', String(port)]);
    await worker.prints(/Working queue default/);
    expect(await ask('/live')).toEqual([200, { status: 'up' }]);
    expect(await ask('/ready')).toEqual([200, { status: 'up' }]);

    await workers.queue.push(BlockJob, join(workers.project.folder, 'end-of-probed-block'));
    await worker.prints(/blocking/, 'stderr');
    await expect(ask('/live', 300)).rejects.toThrow();
    await workers.project.write('end-of-probed-block', '');
    await eventually(async () => expect(await ask('/live')).toEqual([200, { status: 'up' }]));

    worker.kill('SIGTERM');
    await worker.endsWith(0);
  });
});
