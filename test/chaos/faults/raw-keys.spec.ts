import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { everyPushRan, noWorkerEndedByItself, onlyPushedJobsRan, nothingRunsAfterItsEnd } from '../checks/runs.js';
import { everyJobEnded } from '../checks/storage.js';
import type { PushedJob } from '../checks/timeline.js';
import { Chaos } from '../harness/chaos.js';
import { record } from '../harness/record.js';
import { LONG, sized } from '../harness/size.js';
import { FlakyJob, QuickJob, SlowJob } from '../process/jobs.js';

const KEYS = ['', ':delayed', ':jobs', ':attempts', ':recovered', ':consumers', ':meta', ':marker', ':failed'];
/** The keys of a single consumer or producer. */
const OWN_KEYS = [':claimed:*', ':polls:*', ':producer:*'];
/** The number of keys that may be missing: no job is recovered, none fails for good, and a waiting worker takes the marker. */
const MISSING_KEYS = 3;
const WAVE = sized({ short: 40, long: 400 });
const QUEUE = { jobs: { retryDelay: 0.05 } };

/** Workers run and retry jobs while another program writes to the keys of the queue. */
describe('another program that writes to the keys', () => {
  const chaos = new Chaos();

  const begin = async (): Promise<void> => {
    await chaos.begin({ queue: QUEUE, worker: { lease: 10, concurrency: 5 } });
    await chaos.workers(2);
  };

  /** Pushes jobs, and resolves when some of them run. */
  const load = async (): Promise<void> => {
    await chaos.producer.pushMany(
      FlakyJob,
      Array.from({ length: WAVE / 2 }, () => 1),
    );
    await chaos.producer.pushMany(
      SlowJob,
      Array.from({ length: WAVE }, (_, i) => 5 + (i % 20)),
    );
    await eventually(async () => (await chaos.heldNow()) > 0);
  };

  const keysLike = (suffix: string): Promise<string[]> | string[] =>
    suffix.endsWith('*') ? chaos.client.keys(`queue:default${suffix}`) : [`queue:default${suffix}`];

  it('loses only the jobs in the keys that it deletes; later jobs run', async () => {
    await begin();
    let deleted = 0;
    for (const suffix of [...KEYS, ...OWN_KEYS]) {
      await load();
      for (const key of await keysLike(suffix)) deleted += await chaos.client.unlink(key);
      const probes = await chaos.producer.pushMany(QuickJob, [1, 2, 3]);
      await eventually(
        async () => {
          const statuses = await Promise.all(probes.map((id) => chaos.producer.queue.getJobStatus(id)));
          expect(statuses.map((status) => status?.status)).toEqual(['completed', 'completed', 'completed']);
        },
        { timeout: 15_000 },
      );
    }
    const { timeline, figures } = await chaos.check();
    const raw = await chaos.raw();
    const mayBeGone = ({ name }: PushedJob): boolean => name !== 'QuickJob';
    expect([
      ...everyPushRan(timeline, { mayBeGone }),
      ...everyJobEnded(timeline, raw, { mayBeGone }),
      ...onlyPushedJobsRan(timeline),
      ...nothingRunsAfterItsEnd(timeline),
      ...noWorkerEndedByItself(timeline),
    ]).toEqual([]);
    expect(deleted).toBeGreaterThan(KEYS.length);
    record({
      fault: 'keys deleted under load (with the jobs in them)',
      ...figures,
      also: { 'keys deleted': deleted, 'records left': raw.records.length },
    });
  });

  it('stops the queue while a key has another type, and loses nothing', async () => {
    await begin();
    const suffixes = LONG ? [...KEYS, ...OWN_KEYS.slice(0, 2)] : ['', ':claimed:*'];
    let replaced = 0;
    for (const suffix of suffixes) {
      await load();
      for (const key of await keysLike(suffix)) {
        if (await replaceForAWhile(key)) replaced++;
      }
      await chaos.drained();
    }
    expect(replaced).toBeGreaterThanOrEqual(Math.max(1, suffixes.length - MISSING_KEYS));
    const { figures } = await chaos.expectAllWell({
      fault: 'keys of the wrong type under load',
      also: { 'keys replaced': replaced },
    });
    expect(figures).toMatchObject({ lost: 0, extra: 0, refused: 0 });
  });

  /** Replaces a key by a string until a poll of a worker fails, then restores it. */
  async function replaceForAWhile(key: string): Promise<boolean> {
    const failures = async (): Promise<number> => {
      const counts = await Promise.all(chaos.processes.map((process) => chaos.countEvents(process, 'poll-failed')));
      return counts.reduce((a, b) => a + b);
    };
    const before = await failures();
    if ((await chaos.client.eval(REPLACE, 2, key, 'aside')) === 0) return false;
    try {
      // An idle worker polls every five seconds.
      await eventually(async () => (await failures()) > before, { timeout: 15_000 });
      return true;
    } catch (error) {
      // A process has a second consumer for quick jobs. While that one is idle, nobody reads its keys.
      if (!/:(claimed|polls):/.test(key)) throw error;
      return false;
    } finally {
      await chaos.client.eval(RESTORE, 2, key, 'aside');
    }
  }

  it('adds elements that are removed, and loses no job', async () => {
    await begin();
    const foreign = ['foreign', '', '{"job":1}', 'x'.repeat(10_000)];
    for (let round = 0; round < sized({ short: 3, long: 20 }); round++) {
      await load();
      const now = Date.now() / 1000;
      await chaos.client.rpush('queue:default', ...foreign);
      await chaos.client.rpush('queue:default:recovered', ...foreign);
      await chaos.client.zadd('queue:default:delayed', '-inf', 'long ago', now - 5, 'past', now + 0.2, 'soon');
      await chaos.client.zadd('queue:default:consumers', '-inf', 'nobody', 5, 'somebody');
      await chaos.drained();
    }
    await eventually(async () => {
      const { ready, recovered, delayed } = await chaos.raw();
      expect([...ready, ...recovered, ...delayed]).toEqual([]);
    });
    const { figures } = await chaos.expectAllWell({ fault: 'foreign elements under load' });
    expect(figures).toMatchObject({ lost: 0, extra: 0, refused: 0 });
  });
});

/** Replies 0 if the key does not exist. */
const REPLACE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('SET', KEYS[1], 'foreign')
return 1`;

const RESTORE = `
redis.call('RENAME', KEYS[2], KEYS[1])
return 1`;
