import { beforeEach, describe, expect, test } from '@jest/globals';
import type { QueueCounts, QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { DrainWatch } from '../../../lib/worker/drain-watch.js';
import type { JobPool } from '../../../lib/worker/job-pool.js';
import type { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';
import type { SessionEvents } from '../../../lib/worker/session-events.js';

const EMPTY: QueueCounts = { ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 };

describe('the event "queue-drained"', () => {
  let counts: QueueCounts | Error;
  let asked: number;
  let held: boolean;
  let told: string[];
  let batcher: { inFlight: unknown[]; hasSettlements: boolean };
  let watch: DrainWatch;
  let fetcher: QueueFetcher;
  let other: { inFlight: unknown[]; hasSettlements: boolean };

  beforeEach(() => {
    [counts, asked, held, told] = [EMPTY, 0, false, []];
    batcher = { inFlight: [{}], hasSettlements: false };
    fetcher = { queue: 'mail', stored: 'mail', batcher } as unknown as QueueFetcher;
    other = { inFlight: [], hasSettlements: false };
    const partition = { queue: 'mail', stored: 'mail~1xx', batcher: other } as unknown as QueueFetcher;
    const driver = {
      counts: async () => {
        asked++;
        if (counts instanceof Error) throw counts;
        return counts;
      },
    };
    const pool = { holds: () => held };
    const events = { drained: (queue: string) => told.push(queue) };
    watch = new DrainWatch(
      driver as unknown as QueueDriver,
      pool as unknown as JobPool,
      events as unknown as SessionEvents,
      [fetcher, partition],
    );
  });

  /** Takes in the reply to a poll, and waits until the storage has answered. */
  async function took(hasJobs: boolean): Promise<void> {
    watch.took(fetcher, hasJobs);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }

  test('is emitted once after the last job, and not again with later empty polls', async () => {
    await took(true);
    await took(false);
    await took(false);
    expect(told).toEqual(['mail']);
    expect(asked).toBe(1);
    await took(true);
    expect(told).toEqual(['mail', 'mail']);
  });

  test('waits for the settlements of other partitions of the queue', async () => {
    other.hasSettlements = true;
    await took(true);
    [other.hasSettlements, other.inFlight] = [false, [{ request: { settlements: [{}] } }]];
    await took(false);
    expect({ told, asked }).toEqual({ told: [], asked: 0 });
    other.inFlight = [{ request: { settlements: [] } }];
    await took(false);
    expect(told).toEqual(['mail']);
  });

  test('is not emitted for a queue of which this worker had no job', async () => {
    await took(false);
    expect({ told, asked }).toEqual({ told: [], asked: 0 });
  });

  test.each([
    ['ready', { ...EMPTY, ready: 1 }],
    ['blocked', { ...EMPTY, blocked: 1 }],
    ['running elsewhere', { ...EMPTY, reserved: 1 }],
  ])('is not emitted while a job is %s', async (_state, state) => {
    counts = state;
    await took(true);
    expect({ told, asked }).toEqual({ told: [], asked: 1 });
  });

  test('is emitted although delayed and failed jobs are there', async () => {
    counts = { ...EMPTY, delayed: 2, failed: 3 };
    await took(true);
    expect(told).toEqual(['mail']);
  });

  test('waits for the jobs that this worker holds, for their settlements, and for other polls', async () => {
    held = true;
    await took(true);
    held = false;
    batcher.hasSettlements = true;
    await took(false);
    batcher.hasSettlements = false;
    batcher.inFlight = [{}, {}];
    await took(false);
    expect({ told, asked }).toEqual({ told: [], asked: 0 });
    batcher.inFlight = [{}];
    await took(false);
    expect(told).toEqual(['mail']);
  });

  test('is looked for again with the next poll if the storage gives no answer', async () => {
    counts = new Error('away');
    await took(true);
    counts = EMPTY;
    await took(false);
    expect({ told, asked }).toEqual({ told: ['mail'], asked: 2 });
  });
});
