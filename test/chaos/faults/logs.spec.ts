import { describe, expect, it } from '@jest/globals';
import { readLogs } from '../../../lib/drivers/redis/log-codec.js';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { LogJob } from '../process/jobs.js';

const ITEMS = 6_000;
/** The longest time between two writes of a log, in milliseconds. */
const INTERVAL = 100;
/** How long a busy machine may hold up a process between an item and the write of its line, in milliseconds. */
const SLACK = 500;
const KEPT = 100;

describe('the log of a job whose worker is killed', () => {
  const chaos = new Chaos();
  const logOf = async (id: string): Promise<(readonly [run: number, item: number])[]> => {
    const lines = readLogs((await chaos.client.hget(new RedisKeys(false).of('default').logs, id)) ?? '');
    return lines.map((line) => line.split(' ').map(Number) as [run: number, item: number]);
  };

  it('keeps the lines that were written, in their order, each once', async () => {
    // The third crash would fail the job.
    const { lease } = sized({ short: { lease: 1 }, long: { lease: 5 } });
    await chaos.begin({ worker: { lease } });
    const [id] = await chaos.producer.pushMany(LogJob, [ITEMS]);
    for (const run of [0, 1]) {
      const worker = await chaos.worker();
      const items = async () => (await chaos.historyOf(worker)).filter((event) => event.type === 'item');
      await eventually(async () => (await items()).length > 3 * KEPT, { timeout: 60_000 });
      await worker.kill();
      const done = await items();
      const log = await logOf(id!);
      expect(log.length).toBe(KEPT);
      const last = log.at(-1)![1];
      // Its lines follow each other, whatever was sent twice.
      expect(log).toEqual(Array.from({ length: KEPT }, (_, i) => [run, last - KEPT + 1 + i]));
      const unwritten = done.filter(({ item }) => item > last);
      expect(unwritten.length === 0 ? 0 : done.at(-1)!.at - unwritten[0]!.at).toBeLessThanOrEqual(INTERVAL + SLACK);
    }
    await chaos.worker();
    await chaos.drained();
    expect((await logOf(id!)).at(-1)).toEqual([2, ITEMS - 1]);
    const { figures } = await chaos.expectAllWell({ fault: 'kill -9 of a job with a log' });
    expect(figures).toMatchObject({ jobs: 1, lost: 0 });
  });
});
