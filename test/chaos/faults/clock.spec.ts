import { describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import type { Timeline } from '../checks/timeline.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { QuickJob, SlowJob } from '../process/jobs.js';
import { countLiveJobs } from '../../support/live-jobs.js';

const OFFSET = 'test:clock';
/** Lua that reads the clock of the server plus an offset, which the test sets. */
const SCRIPT_TIME = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(redis.call('GET', '${OFFSET}') or 0)`;
/** Milliseconds. */
const HOUR = 3_600_000;

/** Seconds. */
const HALF_AN_HOUR = 1_800;
/** How long after its claim a job may start, in milliseconds. */
const SLACK_MS = 1_000;

describe('a server whose clock jumps', () => {
  const chaos = new Chaos();

  it('an hour forward and back loses no lease, and starts no job before it is due by that clock', async () => {
    const { rounds, jobs } = sized({ short: { rounds: 1, jobs: 100 }, long: { rounds: 8, jobs: 1_500 } });
    await chaos.begin({ scriptTime: SCRIPT_TIME, worker: { lease: 1 } });
    const { client, producer } = chaos;
    await chaos.workers(2);
    const clock = new JumpingClock(client);
    const delayed = (): Promise<number> => client.zcard('queue:default:delayed');
    /** Pushes jobs that run during the jump of the clock, and for longer than a lease after it. */
    const work = async (): Promise<void> => {
      await producer.pushMany(SlowJob, [1_500, 1_500, 1_500]);
      await producer.pushMany(
        SlowJob,
        Array.from({ length: jobs }, (_, i) => i % 25),
      );
      await eventually(async () => (await producer.queue.counts()).reserved > 3);
    };

    for (let round = 1; round <= rounds; round++) {
      await producer.pushMany(QuickJob, [1, 2, 3], { delay: HALF_AN_HOUR });
      await work();
      expect(await delayed()).toBe(3);
      await clock.set(HOUR);
      await eventually(async () => (await delayed()) === 0, { timeout: 20_000 });
      await producer.pushMany(QuickJob, [4, 5], { delay: 0.3 });
      await chaos.drained();

      await work();
      await producer.pushMany(QuickJob, [6, 7], { delay: HALF_AN_HOUR });
      await clock.set(0);
      await eventually(async () => (await countLiveJobs(client)) === 2, { timeout: 30_000 });
      expect(await delayed()).toBe(2);
      await clock.set(2 * HOUR);
      await chaos.drained();
      await clock.set(0);
    }
    const { figures, timeline } = await chaos.expectAllWell(
      { fault: "the server's clock jumps an hour forward and back", also: { jumps: rounds * 4 } },
      // By the real clock, delayed jobs start up to two hours too early.
      { earliness: 3 * HOUR },
    );
    expect(startedEarly(timeline, clock)).toEqual([]);
    expect(figures).toMatchObject({ lost: 0, extra: 0, held: 0, refused: 0 });
  });
});

/** Sets the clock of the server, and remembers its jumps. */
class JumpingClock {
  private readonly changes = [{ at: 0, ahead: 0 }];

  constructor(private readonly client: Redis) {}

  async set(ahead: number): Promise<void> {
    this.changes.push({ at: Date.now(), ahead });
    await this.client.set(OFFSET, ahead);
  }

  /** Returns the latest time that a script may have read in the `slack` milliseconds before `at`. */
  read(at: number, slack = 0): number {
    const since = this.changes.findLastIndex((change) => change.at <= at - slack);
    const read = this.changes.filter((change, i) => i >= since && change.at <= at);
    return at + Math.max(...read.map(({ ahead }) => ahead));
  }
}

function startedEarly({ pushes, runs }: Timeline, clock: JumpingClock): string[] {
  // A job without a delay is due at any time.
  const delayed = [...pushes.values()].filter(({ delay }) => delay > 0);
  return delayed.flatMap(({ id, sentAt, delay }) => {
    const due = clock.read(sentAt) + delay * 1000;
    const starts = runs.get(id)!.flatMap(({ startedAt }) => startedAt);
    const early = starts.map((at) => due - clock.read(at, SLACK_MS)).filter((by) => by > 2);
    return early.map((by) => `${id} started ${by} ms too early`);
  });
}
