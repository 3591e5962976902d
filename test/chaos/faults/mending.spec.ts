import { describe, expect, it } from '@jest/globals';
import { cancelScript } from '../../../lib/drivers/redis/scripts/cancel.script.js';
import { removeScript } from '../../../lib/drivers/redis/scripts/remove.script.js';
import { rescheduleScript } from '../../../lib/drivers/redis/scripts/reschedule.script.js';
import { retryScript } from '../../../lib/drivers/redis/scripts/retry.script.js';
import { within } from '../../support/deadline.js';
import { eventually } from '../../support/eventually.js';
import { countLiveJobs } from '../../support/live-jobs.js';
import { wasStarted } from '../checks/timeline.js';
import { Chaos } from '../harness/chaos.js';
import type { Operator } from '../harness/operator.js';
import { Outage } from '../harness/outage.js';
import { shaOf } from '../harness/requests.js';
import { sized } from '../harness/size.js';
import { startWorkers } from '../harness/start-workers.js';
import { OutageJob, QuickJob } from '../process/jobs.js';

/** Seconds. */
const LEASE = 1;
/** Seconds. No job becomes due by itself during a test. */
const DELAY = 3_600;

/** The changes that an operator makes of one job, each with its script. Of two requests for a job, one makes it. */
const CHANGES = [
  { name: 'retry', script: retryScript, of: 'failed', make: (by, id) => by.retry(id) },
  { name: 'remove failed', script: removeScript, of: 'failed', make: (by, id) => by.remove(id) },
  { name: 'remove', script: removeScript, of: 'delayed', make: (by, id) => by.remove(id) },
  { name: 'cancel', script: cancelScript, of: 'delayed', make: (by, id) => by.cancel(id) },
  { name: 'promote', script: rescheduleScript, of: 'delayed', make: (by, id) => by.promote(id) },
  // Both requests make it, unless the job runs between them.
  {
    name: 'reschedule',
    script: rescheduleScript,
    of: 'delayed',
    atLeast: true,
    make: (by, id) => by.reschedule(id, 0.05),
  },
] as const satisfies readonly {
  readonly name: string;
  readonly script: unknown;
  readonly of: 'failed' | 'delayed';
  readonly atLeast?: boolean;
  readonly make: (by: Operator, id: string) => Promise<boolean>;
}[];
type Change = (typeof CHANGES)[number];

describe('jobs that two operators change at once', () => {
  const chaos = new Chaos();

  it('run once for each time they are put back, while workers are killed', async () => {
    const { jobs, kills, workers } = sized({
      short: { jobs: 200, kills: 2, workers: 2 },
      long: { jobs: 4_000, kills: 12, workers: 3 },
    });
    await chaos.begin({ worker: { lease: LEASE } });
    const outage = chaos.keep(await Outage.begin());
    const [one, other] = await Promise.all([chaos.operator(), chaos.operator()]);
    const processes = await chaos.workers(workers);
    const ids = await chaos.producer.pushMany(OutageJob, outage.jobs(jobs, 10));
    await failed(jobs);
    let putBack = 0;
    for (let kill = 1; kill <= kills; kill++) {
      if (kill === kills) await outage.stop();
      const counting = Promise.all([one.retryAll(), ...ids.map((id) => other.retry(id))]);
      // Each worker holds jobs, also the one that is killed.
      await eventually(async () => (await chaos.client.keys('queue:default:claimed:*')).length === workers, {
        interval: 2,
      });
      await processes.shift()!.kill();
      const count = sum(await counting);
      // More, if a job failed again between the two requests.
      expect(count).toBeGreaterThanOrEqual(jobs);
      putBack += count;
      processes.push(await chaos.worker());
      await eventually(async () => expect(await countLiveJobs(chaos.client)).toBe(0), { timeout: 60_000 });
    }
    await chaos.drained();
    const { figures } = await chaos.expectAllWell({
      fault: 'kill -9 of workers, while two operators put failed jobs back',
      also: { kills, 'put back': putBack },
    });
    expect(figures).toMatchObject({ jobs, lost: 0 });
    // A job that had failed when its worker was killed, and was put back, may be taken for one that runs again after the crash.
    expect(figures.runs).toBeGreaterThanOrEqual(jobs + putBack);
    expect(figures.runs).toBeLessThanOrEqual(jobs + putBack + figures.extra);
    expect(figures.held).toBeGreaterThanOrEqual(kills);
  });

  it('are changed once, whichever replies are lost', async () => {
    const rounds = sized({ short: 3, long: 60 });
    await chaos.begin({ worker: { lease: 2 } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startWorkers(chaos, 2, { redis: { host, port } });
    const operators = await Promise.all([chaos.operator({ host, port }), chaos.operator({ host, port })]);
    const jobs = await pushFor(rounds);
    let lost = 0;
    for (let round = 0; round < rounds; round++) {
      for (const change of CHANGES) {
        const id = jobs[change.name]![round]!;
        const losing = within(proxy.loseReplyTo(shaOf(change.script)), 10_000, `a request to ${change.name}`);
        const answers = await Promise.all(operators.map((by) => change.make(by, id)));
        await losing;
        lost++;
        expectOnce(change, answers);
      }
    }
    await expectChanged(jobs, 'lost replies, while two operators change jobs', { 'replies lost': lost });
  });

  it('are changed once, while Redis is killed', async () => {
    const { kills, each } = sized({ short: { kills: 2, each: 50 }, long: { kills: 12, each: 200 } });
    await chaos.begin({ config: ['--appendonly', 'yes', '--appendfsync', 'always'], worker: { lease: LEASE } });
    await startWorkers(chaos, 2, {});
    const operators = await Promise.all([chaos.operator(), chaos.operator()]);
    const jobs = await pushFor(kills * each);
    for (let kill = 0; kill < kills; kill++) {
      let answered = 0;
      const asking = CHANGES.map(async (change) => {
        for (const id of jobs[change.name]!.slice(kill * each, (kill + 1) * each)) {
          expectOnce(change, await Promise.all(operators.map((by) => change.make(by, id))));
          answered++;
        }
      });
      await eventually(() => answered > each, { interval: 1 });
      chaos.redis.kill('SIGKILL');
      expect(answered).toBeLessThan(each * CHANGES.length);
      await chaos.redis.restart();
      await Promise.all(asking);
    }
    await expectChanged(jobs, 'kill -9 of the server, while two operators change jobs', { kills });
  });

  /** Pushes this number of jobs for each change, and waits until those that have to fail have failed. */
  async function pushFor(count: number): Promise<Record<string, readonly string[]>> {
    const outage = chaos.keep(await Outage.begin());
    const ids: Record<string, readonly string[]> = {};
    for (const { name, of } of CHANGES) {
      ids[name] =
        of === 'failed'
          ? await chaos.producer.pushMany(OutageJob, outage.jobs(count, 0))
          : await chaos.producer.pushMany(QuickJob, Array(count).fill(0), { delay: DELAY });
    }
    await failed(count * CHANGES.filter(({ of }) => of === 'failed').length);
    await outage.stop();
    return ids;
  }

  async function failed(count: number): Promise<void> {
    await eventually(async () => expect(await chaos.client.zcard('queue:default:failed')).toBe(count), {
      timeout: 60_000,
    });
  }

  async function expectChanged(
    jobs: Readonly<Record<string, readonly string[]>>,
    fault: string,
    also: Readonly<Record<string, number>>,
  ): Promise<void> {
    await chaos.drained();
    const { figures, timeline } = await chaos.expectAllWell({ fault, also });
    expect(figures).toMatchObject({ lost: 0, extra: 0 });
    const runs = (name: Change['name']): number[] =>
      jobs[name]!.map((id) => (timeline.runs.get(id) ?? []).filter(wasStarted).length);
    const expected = { retry: 2, 'remove failed': 1, remove: 0, cancel: 0, promote: 1, reschedule: 1 };
    for (const { name } of CHANGES) expect([name, new Set(runs(name))]).toEqual([name, new Set([expected[name]])]);
  }
});

function expectOnce(change: Change, answers: readonly boolean[]): void {
  const made = answers.filter(Boolean).length;
  if ('atLeast' in change) expect([change.name, made]).not.toEqual([change.name, 0]);
  else expect([change.name, made]).toEqual([change.name, 1]);
}

function sum(counts: readonly (number | boolean)[]): number {
  return counts.reduce<number>((total, count) => total + Number(count), 0);
}
