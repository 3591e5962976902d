import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, Settlement } from '../../../lib/drivers/queue-driver.interface.js';
import type { StartLimits } from '../../../lib/drivers/queue-limits.interface.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { newJob } from '../../support/jobs.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { tapped } from '../../support/tapped-driver.js';
import { useRedis } from '../../support/use-redis.js';
import { QUEUE, WorkerScene, type TestWorkerOptions } from './scene.js';
import { ArrayStage, bothStages, RedisStage } from './stage.js';

/** Seconds; the storage of some tests has no clock that a test could move. */
const SHORT = 0.25;
const LIMITS: Readonly<Record<string, StartLimits>> = {
  [QUEUE]: { groups: { concurrency: 1 } },
  rated: { groups: { rateLimit: { max: 2, per: SHORT } } },
  ordered: { groups: { concurrency: 1, ordered: true } },
  full: { groups: { concurrency: 1 } },
};
const limitsOf = (queue: string): StartLimits => LIMITS[queue] ?? {};

/** Pushes jobs of groups: `a` is a job of the group `a`. */
async function push(scene: WorkerScene, name: string, groups: readonly string[], queue = QUEUE): Promise<void> {
  const jobs = groups.map((group) => Object.assign(newJob(name), { traits: { group } }));
  for (let at = 0; at < jobs.length; at += 500) await scene.driver.push(queue, jobs.slice(at, at + 500), true);
}

describe.each(bothStages(limitsOf))('a run with stopWhenEmpty, on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('waits for jobs of a group that is full, while another worker has its place', async () => {
    const gauge = new Gauge();
    const done = new Recorder<string>();
    scene.define({ Gauged: { handle: () => gauge.run() }, Mark: { handle: () => done.add('done') } });
    await push(scene, 'Gauged', ['a']);
    (await scene.worker({ worker: { concurrency: 1 } })).start();
    await gauge.runs(1);
    await push(scene, 'Mark', ['a', 'a', 'b']);
    let ended = false;
    const run = (await scene.worker()).run({ stopWhenEmpty: true }).finally(() => (ended = true));
    await done.has(1);
    await quiet();
    expect({ done: done.count, ended }).toEqual({ done: 1, ended: false });
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 2, reserved: 1 });
    gauge.end();
    expect(await run).toBe('empty');
    // The other worker may run the last job still.
    expect(await done.has(3)).toHaveLength(3);
  });

  it('waits for jobs of a group whose window is full', async () => {
    const done = new Recorder<string>();
    scene.define({ Mark: { handle: () => done.add('done') } });
    await push(scene, 'Mark', ['a', 'a', 'a', 'b'], 'rated');
    const run = (await scene.worker()).run({ queues: ['rated'], stopWhenEmpty: true });
    await done.has(3);
    await stage.pass(SHORT);
    expect(await run).toBe('empty');
    expect(done.count).toBe(4);
  });

  it('waits for jobs of a group that another job of it holds back', async () => {
    const done = new Recorder<string>();
    scene.define({
      Told: { handle: (_data, job) => (job.releases === 0 ? job.release(SHORT, { hold: 'group' }) : done.add('told')) },
      Mark: { handle: () => done.add('mark') },
    });
    await push(scene, 'Told', ['a'], 'free');
    await push(scene, 'Mark', ['a'], 'free');
    const worker = await scene.worker({ worker: { queues: ['free'], concurrency: 1 } });
    const run = worker.run({ stopWhenEmpty: true });
    await eventually(async () => expect(await scene.driver.counts('free')).toMatchObject({ ready: 0, blocked: 1 }));
    await stage.pass(SHORT);
    expect(await run).toBe('empty');
    expect(done.items.toSorted()).toEqual(['mark', 'told']);
  });

  it('waits for a job of an ordered group, and then for those behind it', async () => {
    const done = new Recorder<string>();
    scene.define({
      Failing: {
        handle: (_data, { attempt }) => {
          if (attempt === 1) throw new Error('the first attempt fails');
          done.add('first');
        },
        options: { retryDelay: SHORT },
      },
      Mark: { handle: () => done.add('second') },
    });
    await push(scene, 'Failing', ['a'], 'ordered');
    await push(scene, 'Mark', ['a'], 'ordered');
    const run = (await scene.worker()).run({ queues: ['ordered'], stopWhenEmpty: true });
    await eventually(async () =>
      expect(await scene.driver.counts('ordered')).toMatchObject({ ready: 0, blocked: 1, delayed: 1 }),
    );
    await stage.pass(SHORT);
    expect(await run).toBe('empty');
    expect(done.items).toEqual(['first', 'second']);
  });

  it('does not wait for blocked jobs of a queue that is paused', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await push(scene, 'Gauged', ['a', 'a', 'b']);
    (await scene.worker({ worker: { concurrency: 1 } })).start();
    await gauge.runs(1);
    await scene.driver.pauses.pause(QUEUE, null);
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, blocked: 1, reserved: 1 });
    gauge.endAll();
  });
});

describe('a run with stopWhenEmpty in memory ends as soon as the last job of a full group', () => {
  const scene = new WorkerScene(new ArrayStage(limitsOf));
  /** Seconds. */
  const LEASE = 600;
  const completed = ({ id, fence }: ClaimedJob) => ({ kind: 'complete', id, fence }) as const;

  /** Lets another consumer hold a job of a group, and a run wait for the next job of it. */
  const waitingRun = async () => {
    const holder = scene.driver.consume(QUEUE, { lease: LEASE, onLost: () => undefined });
    const claim = async (settlements: readonly Settlement[]): Promise<ClaimedJob> =>
      (await holder.poll({ settlements, limit: 1, recovered: false })).jobs[0]!;
    scene.define({ Mark: {} });
    const jobs = [newJob('Mark'), newJob('Mark')].map((job) => Object.assign(job, { traits: { group: 'a' } }));
    await scene.driver.push(QUEUE, jobs, true);
    const first = await claim([]);
    const run = (await scene.worker()).run({ stopWhenEmpty: true });
    await quiet();
    const endOf = async (): Promise<string> => {
      const reason = await run;
      await holder.close();
      return reason;
    };
    return { claim, first, last: jobs[1]!.id, ended: endOf() };
  };

  it('is taken by another worker', async () => {
    const { claim, first, ended } = await waitingRun();
    await claim([completed(first)]);
    expect(await ended).toBe('empty');
  });

  it('is cleared', async () => {
    const { ended } = await waitingRun();
    await scene.driver.clear(QUEUE);
    expect(await ended).toBe('empty');
  });

  it('is removed', async () => {
    const { last, ended } = await waitingRun();
    await scene.driver.mending.remove(QUEUE, [last]);
    expect(await ended).toBe('empty');
  });
});

describe('an idle worker of a queue with many blocked groups', () => {
  const stage = new ArrayStage(limitsOf);
  const scene = new WorkerScene(stage);

  it('does not poll while nothing changes', async () => {
    const gauge = new Gauge();
    const polls: string[] = [];
    const wrap: TestWorkerOptions['wrap'] = (driver) =>
      tapped(driver, ({ queue, send }) => {
        polls.push(queue);
        return send();
      });
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const groups = Array.from({ length: 500 }, (_, i) => `g${i}`);
    await push(scene, 'Gauged', [...groups, ...groups]);
    const worker = await scene.worker({ worker: { concurrency: 1_000 }, wrap });
    worker.start();
    await gauge.runs(500);
    await quiet();
    polls.length = 0;
    await stage.pass(600);
    expect(polls).toEqual([]);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 500, reserved: 500 });
    await scene.driver.clear(QUEUE);
    gauge.endAll();
  });
});

describe('an idle worker of a queue with many blocked groups in Redis', () => {
  const redis = useRedis();
  const scene = new WorkerScene(new RedisStage(redis, limitsOf));
  /** Seconds: so long that nobody has to prolong it in this test. */
  const LEASE = 600;
  const GROUPS = 1_000;

  it('sends what it sends on an empty one', async () => {
    scene.define({ Mark: {} });
    const groups = Array.from({ length: GROUPS }, (_, i) => `g${i}`);
    await push(scene, 'Mark', [...groups, ...groups, ...groups], 'full');
    const holder = scene.driver.consume('full', { lease: LEASE, onLost: () => undefined });
    let held = 0;
    while (held < GROUPS) held += (await holder.poll({ settlements: [], limit: 300, recovered: false })).jobs.length;
    expect(await scene.driver.counts('full')).toMatchObject({ ready: 0, blocked: 2 * GROUPS, reserved: GROUPS });

    const sources = new Set<string>();
    const watching = await redis.client.monitor();
    watching.on('monitor', (_time: string, _words: string[], source: string) => sources.add(source));
    await scene.driver.counts('full');
    await eventually(() => sources.size > 0);
    watching.disconnect();

    const polls = { empty: 0, full: 0 };
    for (const queue of ['empty', 'full'] as const) {
      const wrap: TestWorkerOptions['wrap'] = (driver) =>
        tapped(driver, ({ send }) => {
          polls[queue]++;
          return send();
        });
      (await scene.worker({ worker: { queues: [queue] }, wrap })).start();
    }
    await eventually(() => polls.empty > 0 && polls.full > 0);
    const blocked = async (): Promise<boolean> => /blocked_clients:2\r/.test(await redis.client.info('clients'));
    await eventually(blocked);
    const monitor = await redis.client.monitor();
    const lines: { readonly source: string; readonly queue: string; readonly command: string }[] = [];
    monitor.on('monitor', (_time: string, [command = '', ...words]: string[], source: string) => {
      const queue = /^queue:(empty|full)(?::|$)/.exec(words.find((word) => word.startsWith('queue:')) ?? '')?.[1];
      if (queue && source !== 'lua') lines.push({ source, queue, command: command.toLowerCase() });
    });
    const before = { ...polls };
    const waits = (): string[] => lines.filter(({ command }) => command === 'bzpopmin').map(({ queue }) => queue);
    // Each looks by itself after five seconds.
    await eventually(() => waits().includes('empty') && waits().includes('full'), { timeout: 15_000 });
    monitor.disconnect();
    // The consumer that holds jobs tells that it lives.
    const [holding] = sources.values();
    const sent = (of: string): string[] =>
      lines.filter(({ queue, source }) => queue === of && source !== holding).map(({ command }) => command);
    // The two connections of a worker send without each other.
    expect(sent('full').toSorted()).toEqual(sent('empty').toSorted());
    expect(sent('full').toSorted()).toEqual(['bzpopmin', 'evalsha']);
    expect({ full: polls.full - before.full, empty: polls.empty - before.empty }).toEqual({ full: 1, empty: 1 });
    await holder.close();
  }, 30_000);
});
