import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { jobSpec, QueueError } from '../../../lib/index.js';
import { idOf } from '../../../lib/schedules/schedule-jobs.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { TickJob } from '../process/jobs.js';

const HOUR = 3_600_000;
/** How far the clocks of the workers are ahead. */
const AHEAD = [-2 * HOUR, -HOUR, HOUR, 2 * HOUR] as const;

describe('schedules', () => {
  const chaos = new Chaos();

  /** Does something as often as it takes: it may be done twice. */
  const insist = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof QueueError)) throw error;
        await pause(50);
      }
    }
  };

  it('have one job for each occurrence, while workers and Redis are killed', async () => {
    const { count, limit, kills } = sized({
      short: { count: 10, limit: 8, kills: 2 },
      long: { count: 50, limit: 60, kills: 12 },
    });
    await chaos.begin({
      config: ['--appendonly', 'yes', '--appendfsync', 'always'],
      worker: { lease: 1, concurrency: 4, queues: ['red'] },
    });
    const begunAt = Date.now();
    const schedules = chaos.producer.schedules;
    const start = (ahead: number) => chaos.worker({ clockAhead: ahead });
    const processes = await Promise.all(AHEAD.map(start));
    const names = Array.from({ length: count }, (_, i) => `schedule ${i}`);
    for (const [index, name] of names.entries()) {
      const rule = index % 2 === 0 ? { every: 1 } : { cron: '* * * * * *' };
      const job = jobSpec(TickJob, undefined, { queue: 'red' });
      await insist(() => schedules.set(name, { ...rule, job, limit, catchUp: 'all' }));
    }
    const runs = async (): Promise<number> => {
      const list = await insist(() => schedules.list());
      return list.reduce((sum, schedule) => sum + schedule.runs, 0);
    };
    for (let kill = 1; kill <= kills; kill++) {
      const enough = (count * limit * kill) / (kills + 1);
      await eventually(async () => expect(await runs()).toBeGreaterThanOrEqual(enough), { timeout: 100_000 });
      const index = Math.floor(Math.random() * processes.length);
      await processes.splice(index, 1)[0]!.kill();
      if (kill === 1 || kill % 3 === 0) {
        chaos.redis.kill('SIGKILL');
        await chaos.redis.restart();
      }
      // Two are killed for good, and later ones are replaced.
      if (processes.length < 2) processes.push(await start(AHEAD[kill % 4]!));
    }
    await eventually(async () => expect(await runs()).toBe(count * limit), { timeout: 100_000 });
    await eventually(async () => expect(await chaos.client.exists('queue:~schedules:outbox')).toBe(0), {
      timeout: 5_000,
    });
    await chaos.drained('red');
    const ticks = Object.values(await chaos.histories())
      .flat()
      .filter((event) => event.type === 'tick');
    const times = names.map((name) => {
      const own = ticks.filter(({ schedule }) => schedule === name).map(({ time }) => Date.parse(time));
      return [...new Set(own)].toSorted((a, b) => a - b);
    });
    // No occurrence is missing.
    expect(times).toEqual(times.map(([first]) => Array.from({ length: limit }, (_, i) => first! + i * 1_000)));
    // Each has its one job, which runs again only if its worker was killed: that is checked as for all jobs.
    const ids = names.flatMap((name, index) => times[index]!.map((time) => idOf(name, 'red', time)));
    chaos.history.write({ type: 'pushed', ids, name: 'TickJob', queue: 'red', delay: 0, maxTries: 1, sentAt: begunAt });
    const { figures } = await chaos.expectAllWell(
      { fault: 'kill -9 of workers and of the server, with schedules and clocks hours apart', also: { kills } },
      {},
      ['red'],
    );
    expect(figures).toMatchObject({ jobs: count * limit, lost: 0 });
  });
});
