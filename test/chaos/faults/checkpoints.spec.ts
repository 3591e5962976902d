import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { CHECKPOINT_INTERVAL, CheckpointJob } from '../process/jobs.js';

/** How long a busy machine may hold up a process between an item and its checkpoint, in milliseconds. */
const SLACK = 500;

describe('a job with checkpoints whose worker is killed', () => {
  const chaos = new Chaos();

  it('does again at most what it did since its last checkpoint', async () => {
    const { lease, kills, items } = sized({
      short: { lease: 1, kills: 2, items: 3_000 },
      long: { lease: 2, kills: 10, items: 10_000 },
    });
    await chaos.begin({ worker: { lease } });
    await chaos.producer.pushMany(CheckpointJob, [items]);
    const parts: (readonly { readonly item: number; readonly at: number }[])[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const worker = await chaos.worker();
      const done = async () => (await chaos.historyOf(worker)).filter((event) => event.type === 'item');
      // Far enough to have stored more than one checkpoint.
      await eventually(async () => lengthOfTime(await done()) > 2.5 * CHECKPOINT_INTERVAL, { timeout: 60_000 });
      await worker.kill();
      parts.push(await done());
    }
    const last = await chaos.worker();
    await chaos.drained();
    parts.push((await chaos.historyOf(last)).filter((event) => event.type === 'item'));
    for (const [i, part] of parts.entries()) {
      const before = parts[i - 1];
      if (!before) continue;
      const first = part[0]!.item;
      const again = before.filter(({ item }) => item >= first);
      expect(first).toBeGreaterThan(before[0]!.item);
      expect(first).toBeLessThanOrEqual(before.at(-1)!.item + 1);
      expect(lengthOfTime(again)).toBeLessThanOrEqual(CHECKPOINT_INTERVAL + SLACK);
    }
    expect(new Set(parts.flat().map(({ item }) => item)).size).toBe(items);
    const { figures } = await chaos.expectAllWell({ fault: 'kill -9 of a job with checkpoints' });
    expect(figures).toMatchObject({ jobs: 1, lost: 0 });
  });
});

function lengthOfTime(items: readonly { readonly at: number }[]): number {
  return items.length > 0 ? items.at(-1)!.at - items[0]!.at : 0;
}
