import type { Redis } from 'ioredis';
import type { QueueModuleOptions } from 'nestjs-job-queue';
import { DataProviders } from './data-providers.js';
import { type Asset, keyOf } from './market.js';
import type { GatheringRules, RunLog } from './scheduled-gathering.js';
import type { CachedSnapshot, Calculator, Snapshot, SnapshotCache, SnapshotRequest } from './snapshots.js';

/** The variable with the address of Redis, for the worker processes. */
export const URL_VARIABLE = 'PORTFOLIO_REDIS';

/** The window of the calls of a source, in milliseconds. */
export const WINDOW = 500;

/** If this variable is set, prices are gathered by {@link FAST_RULES}. */
export const FAST_VARIABLE = 'PORTFOLIO_FAST';

/** Nothing is gathered while a test runs. */
export const SELDOM_RULES: GatheringRules = { recent: '@yearly', all: '@yearly', statistics: '@yearly', spread: 0 };

/** Hours become seconds. */
export const FAST_RULES: GatheringRules = {
  recent: '* * * * * *',
  all: '*/2 * * * * *',
  statistics: '*/2 * * * * *',
  spread: '500ms',
};

export const OPTIONS: QueueModuleOptions = {
  driver: 'redis',
  queues: { history: { groups: { rateLimit: { max: 1, per: `${WINDOW}ms` } } } },
};

/** A call, and when it was made on the clock of Redis, in milliseconds. */
export interface RecordedCall {
  readonly time: number;
  readonly source: string;
  readonly symbol: string;
}

const CALLS = 'app:calls';
const COMPUTED = 'app:computed';
const GATE = 'app:gate';
const OPENED = 'app:opened';
const RUNS = 'app:runs';

/** The data that all processes of the application share, and that tests look at. */
export class RedisWorld implements SnapshotCache, Calculator, RunLog {
  constructor(private readonly redis: Redis) {}

  async read(key: string): Promise<CachedSnapshot | undefined> {
    const text = await this.redis.get(`app:cache:${key}`);
    return text === null ? undefined : (JSON.parse(text) as CachedSnapshot);
  }

  async write(key: string, snapshot: Snapshot): Promise<void> {
    await this.redis.set(`app:cache:${key}`, JSON.stringify({ snapshot, isExpired: false } satisfies CachedSnapshot));
  }

  /** Computes; while the gate is closed it does not end. */
  async compute({ userId }: SnapshotRequest): Promise<number> {
    const count = await this.redis.rpush(COMPUTED, `${process.pid} ${userId}`);
    if ((await this.redis.exists(GATE)) === 1) {
      const own = this.redis.duplicate();
      await own.blpop(OPENED, 0);
      own.disconnect();
    }
    return count;
  }

  async closeGate(): Promise<void> {
    await this.redis.set(GATE, 'closed');
  }

  /** Opens the gate, and lets a computation go on that waits. */
  async openGate(): Promise<void> {
    await this.redis.del(GATE);
    await this.redis.rpush(OPENED, 'go');
  }

  /** The process ids of the computations, in the order of their starts. */
  async computations(): Promise<number[]> {
    return (await this.redis.lrange(COMPUTED, 0, -1)).map((entry) => Number.parseInt(entry, 10));
  }

  async recordCall(asset: Asset): Promise<void> {
    const script = `local t = redis.call('TIME'); redis.call('RPUSH', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000) .. ' ' .. ARGV[1])`;
    await this.redis.eval(script, 1, CALLS, keyOf(asset));
  }

  async calls(): Promise<RecordedCall[]> {
    return (await this.redis.lrange(CALLS, 0, -1)).map((entry) => {
      const [, time, source, symbol] = /^(\d+) (\w+)\/(.*)$/.exec(entry)!;
      return { time: Number(time), source: source!, symbol: symbol! };
    });
  }

  async note(schedule: string, scheduledFor: string): Promise<void> {
    await this.redis.rpush(RUNS, `${schedule} at ${scheduledFor} by ${process.pid}`);
  }

  /** The runs of schedules: of which occurrence, and the id of the process. */
  async runs(): Promise<{ readonly schedule: string; readonly time: number; readonly pid: number }[]> {
    return (await this.redis.lrange(RUNS, 0, -1)).map((entry) => {
      const [, schedule, time, pid] = /^(.*) at (.*) by (\d+)$/.exec(entry)!;
      return { schedule: schedule!, time: Date.parse(time!), pid: Number(pid) };
    });
  }

  /** Milliseconds on the clock of Redis. */
  async now(): Promise<number> {
    const [seconds, micros] = await this.redis.time();
    return Number(seconds) * 1000 + Number(micros) / 1000;
  }
}

/** Sources of prices that tell all processes of their calls. */
export class RecordingProviders extends DataProviders {
  constructor(private readonly world: RedisWorld) {
    super();
  }

  override async history(asset: Asset, from: number, to: number): Promise<Map<number, number>> {
    await this.world.recordCall(asset);
    return super.history(asset, from, to);
  }
}
