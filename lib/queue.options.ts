import type { LoggerService } from '@nestjs/common';
import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import type { Backoff, CheckedBackoff } from './job/backoff.js';
import { jsonSerializer } from './job/json-serializer.js';
import type { JobContextCarrier } from './job/job-context-carrier.interface.js';
import type { MiddlewareType } from './job/middleware.interface.js';
import type { PayloadCodec } from './job/payload-codec.interface.js';
import type { PayloadSerializer } from './job/payload-serializer.js';
import type { TransactionSource } from './job/transaction-source.interface.js';
import type { PoolOptions, Pools } from './options/pools.reader.js';
import type { Duration } from './support/duration.js';

/** The options of `QueueModule.forRoot()`. Each has a default; see the table of options in the documentation. */
export interface QueueModuleOptions {
  /** The storage of the jobs. Default: `QUEUE_DRIVER`, else `redis`. */
  driver?: QueueDriverName;
  /** The queue of jobs that name no queue. Default: `QUEUE_DEFAULT`, else `default`. */
  default?: string;
  /**
   * Stands in front of every key in Redis: 0 to 64 of `A-Z a-z 0-9 _ . : -`. Applications with different prefixes do not see each
   * other. Default: `QUEUE_PREFIX`, else none.
   */
  prefix?: string;
  /**
   * The name of this application, the same in all its processes: the schedules that it declares belong to it. 1 to 214 characters without
   * white space. Default: `QUEUE_APPLICATION`, else the `name` in its `package.json`.
   */
  application?: string;
  redis?: QueueRedisOptions;
  /** `false` for a process that only pushes jobs. */
  worker?: WorkerOptions | false;
  /** The options of single queues, by name; `*` gives the defaults of all queues. */
  queues?: Record<string, QueueSettings>;
  /** Defaults for all jobs. */
  jobs?: JobDefaults;
  /** How long the status of an ended job is kept; 0 to keep none. Default: 24 h. */
  statusTtl?: Duration;
  /** False to count nothing for the statistics. Default: true. */
  stats?: boolean;
  /** The largest size of the serialized data of a job, in bytes, before any codec. Default: 262,144. */
  maxPayloadSize?: number;
  /** Default: JSON that refuses values which it cannot restore. */
  serializer?: PayloadSerializer;
  /** `false` for no messages. Default: Nest's logger. */
  logger?: LoggerService | false;
  /** True to run global guards, pipes, interceptors and filters (`APP_GUARD` ...) for jobs too. Default: false. */
  globalEnhancers?: boolean;
  /**
   * Runs around the attempts of all jobs, and around the pushes of this process; the first one is the outermost. Classes are
   * providers, or are made as guards are. Default: none.
   */
  middleware?: readonly MiddlewareType[];
  /**
   * Bring parts of the asynchronous context of a push into the attempts of its job; the first one is the outermost. Default: none.
   */
  carriers?: readonly JobContextCarrier[];
  /**
   * Encode what the serializer has made of data, results and checkpoints, one after the other: `compress()`, `encrypt()`. Default: none.
   */
  codecs?: readonly PayloadCodec[];
  /** True to store each job when the transaction is committed in which it is pushed. Needs `transactions`. Default: false. */
  afterCommit?: boolean;
  /** Tells of the transactions of the database. Default: none. */
  transactions?: TransactionSource;
  /** The events that listeners hear. */
  events?: EventsOptions;
}

export interface EventsOptions {
  /** True to hear the events of all processes, in the process that listens. All processes have to set it. Default: false. */
  everywhere?: boolean;
  /** How many events are kept for listeners that come back. Default: 10,000; at most 1,000,000. */
  keep?: number;
}

export type QueueDriverName = 'redis' | 'array';

/** The connection to Redis: any option of ioredis, or one of the options below. */
export interface QueueRedisOptions extends Omit<RedisOptions, 'password'> {
  /** The password, or a function that is asked for it at each attempt to connect. Default: `REDIS_PASSWORD`. */
  password?: string | null | (() => string | Promise<string>);
  /**
   * `redis://` or `rediss://` with user, password, host, port and database, or `redis+unix:///path/redis.sock?db=0`.
   * Explicit options beat its parts; the environment adds nothing to it. Default: `REDIS_URL`.
   */
  url?: string;
  /** The index of the database; the same as `db` of ioredis. Default: the one in the URL or `REDIS_DATABASE`, else 0. */
  database?: number;
  /** The first nodes of a Redis Cluster. The other options here apply to each node. */
  cluster?: ClusterNode[];
  /** The options of the cluster client itself. */
  clusterOptions?: Omit<ClusterOptions, 'redisOptions'>;
  /** A client of the application. The queue sends its commands through it, blocks on a duplicate, and never closes it. */
  client?: Redis | Cluster;
  /** If Redis is away at boot: fail after `connectDeadline`, or wait until it is back. Default: `fail`. */
  whenAway?: 'fail' | 'wait';
  /** How long boot waits before it fails. Default: 10 s. */
  connectDeadline?: Duration;
  /** How long a call of `QueueManager`, or a settlement, may take before it rejects with a typed error. Default: 10 s. */
  requestDeadline?: Duration;
}

export interface WorkerOptions {
  /** True to run jobs in this process. Default: `QUEUE_WORKER`, else true. */
  enabled?: boolean;
  /**
   * The queues, worked in strict order; or pools, `{ emails: 10, images: { concurrency: 2 } }`: queues with slots of their own.
   * `'*'`: every queue that jobs were ever pushed to, also those that appear later, in turn; the worker looks for new ones every
   * 2 s. Default: the default queue and every queue that a job class names, in turn.
   */
  queues?: string[] | PoolOptions | '*';
  /** How many jobs run at once. Default: 10. */
  concurrency?: number;
  /**
   * How many quick jobs a worker may claim before it can start them. It does so only while jobs end within milliseconds,
   * and requeues the jobs that it cannot start soon. Default: 600; 0 to claim only jobs that can start at once.
   */
  prefetch?: number;
  /** How long a job stays with a worker that sends no heartbeat. Default: 30 s; at least 1 s. */
  lease?: Duration;
  /** How long a stopping worker waits for its jobs before it requeues them. Default: 25 s. */
  shutdownTimeout?: Duration;
  /**
   * The shutdown hook in which the worker drains; `onModuleDestroy` if a database of the application closes there.
   * Default: `beforeApplicationShutdown`.
   */
  drainOn?: DrainPhase;
}

export type DrainPhase = 'beforeApplicationShutdown' | 'onModuleDestroy';

/** The options of a queue. What a queue does not give comes from `*`, option by option. */
export interface QueueSettings {
  /** How long and how many ended jobs are kept. */
  retention?: RetentionOptions;
  /**
   * How many jobs of the queue run at once in all processes; `false` for no limit in place of that of `*`. Default: no limit; at
   * most 100,000.
   */
  concurrency?: number | false;
  /** How many jobs of the queue start in a while in all processes; `false` for no limit in place of that of `*`. Default: no limit. */
  rateLimit?: RateLimit | false;
  /** The limits of each group of jobs; `false` for none in place of those of `*`. Default: none. Jobs without a group have none. */
  groups?: GroupSettings | false;
  /**
   * The share of claims that the lowest priority gets while jobs of higher priorities wait, from 0 to 0.5; 0 for strict order. It is
   * counted among the jobs without a group, and in each group.
   * Default: 0.05, one of 20.
   */
  lowPriorityShare?: number;
  /**
   * As how many queues the storage keeps the queue, from 1 to 256: so that several servers of a cluster work on it. Each job is in one
   * partition, that of its group, else of its unique key, else of its id. Workers serve all of them, and everything else speaks of the
   * queue as one. The number may grow. `'stored'`: as many as there are, for a process that only looks. Default: 1.
   */
  partitions?: number | 'stored';
}

/** The limits of each group of jobs of a queue. What a queue does not give comes from `*`, option by option. */
export interface GroupSettings {
  /** How many jobs of a group run at once in all processes; `false` for no limit. Default: no limit; at most 100,000. */
  concurrency?: number | false;
  /** How many jobs of a group start in a while in all processes; `false` for no limit. Default: no limit. */
  rateLimit?: RateLimit | false;
  /**
   * True for strict order: a job of a group that waits for its next attempt, after a release or for another worker lets no job of its group
   * start before it. Then one job of a group runs at once: `concurrency` is 1. Default: false.
   */
  ordered?: boolean;
}

/** The limits of a queue. */
export interface QueueLimits {
  /** How many jobs run at once in all processes. */
  concurrency?: number;
  /** How many jobs start in a while in all processes. */
  rateLimit?: RateLimit;
  /** The limits of each group of jobs. */
  groups?: GroupLimits;
}

/** The limits of each group of jobs. */
export interface GroupLimits {
  /** How many jobs of a group run at once in all processes. */
  concurrency?: number;
  /** How many jobs of a group start in a while in all processes. */
  rateLimit?: RateLimit;
  /** True for strict order within a group. Then `concurrency` is 1. */
  ordered?: boolean;
}

/** How many jobs start in a while: no window of the length `per` holds more than `max` starts. */
export interface RateLimit {
  /** From 1 to 100,000. */
  max: number;
  /** From a millisecond to 30 days. */
  per: Duration;
}

export interface RetentionOptions {
  /** How long the status of a completed job is kept; 0 to keep nothing of it. Default: `statusTtl`. */
  completed?: Duration;
  /** How long a failed job is kept, with its data, its failures and its status. Default: 7 days; 0 with `statusTtl: 0`. */
  failed?: Duration;
  /** How many completed jobs are kept with their data, the last ones. Default: 100; at most 10,000. */
  maxCompleted?: number;
  /** How many failed jobs are kept; beyond it the oldest one is removed with its status. Default: 10,000. */
  maxFailed?: number;
}

export interface JobDefaults {
  /** Default: 3. `Infinity` is taken beside `retryFor`. */
  maxTries?: number;
  /** How long a failing job is tried again, from when it was first due. Default: no limit. */
  retryFor?: Duration;
  /** Default: `exponential`. */
  backoff?: Backoff;
  /** Default: 60 s. */
  retryDelay?: Duration;
  /** The longest pause of exponential backoff. Default: 1 h. */
  maxRetryDelay?: Duration;
  /** The largest random addition to a pause, as a share of it: with 0.1 a pause is up to a tenth longer. Default: 0.1. */
  retryJitter?: number;
  /** Default: none. */
  timeout?: Duration;
  /** Default: 3. */
  maxCrashes?: number;
  /** How often a job may be released before it fails. Default: no limit. */
  maxReleases?: number;
}

/** The options, checked and complete. Durations are in seconds. */
export interface ResolvedQueueOptions {
  readonly driver: QueueDriverName;
  readonly default: string;
  readonly prefix: string;
  /** Missing: that of its package. */
  readonly application: string | undefined;
  readonly redis: ResolvedRedisOptions;
  readonly worker: ResolvedWorkerOptions;
  /** By name; `*` for all other queues. */
  readonly queues: Readonly<Record<string, ResolvedQueueSettings>>;
  readonly jobs: ResolvedJobDefaults;
  readonly statusTtl: number;
  readonly stats: boolean;
  readonly maxPayloadSize: number;
  readonly serializer: PayloadSerializer;
  readonly logger: LoggerService | false | undefined;
  readonly globalEnhancers: boolean;
  readonly middleware: readonly MiddlewareType[];
  readonly carriers: readonly JobContextCarrier[];
  readonly codecs: readonly PayloadCodec[];
  readonly afterCommit: boolean;
  readonly transactions: TransactionSource | undefined;
  readonly events: ResolvedEvents;
}

export interface ResolvedEvents {
  readonly everywhere: boolean;
  readonly keep: number;
}

export interface ResolvedRedisOptions {
  readonly client: Redis | Cluster | undefined;
  readonly cluster: ClusterNode[] | undefined;
  readonly clusterOptions: Omit<ClusterOptions, 'redisOptions'>;
  /** The options for ioredis. */
  readonly connection: RedisOptions;
  /** The function that gives the password, if the option is one. */
  readonly readPassword?: () => string | Promise<string>;
  readonly whenAway: 'fail' | 'wait';
  readonly connectDeadline: number;
  readonly requestDeadline: number;
}

export interface ResolvedWorkerOptions {
  readonly enabled: boolean;
  /** In strict order; of pools their names; `*` for every queue. */
  readonly queues: readonly string[] | '*' | undefined;
  /** The slots of each queue, if they have slots of their own. */
  readonly pools?: Pools;
  readonly concurrency: number;
  readonly prefetch: number;
  readonly lease: number;
  readonly shutdownTimeout: number;
  readonly drainOn: DrainPhase;
}

export interface ResolvedQueueSettings {
  readonly retention: ResolvedRetention;
  /** Of so many claimed jobs one is of the lowest priority; 0 for none. */
  readonly lowPriorityEach: number;
  readonly limits: ResolvedLimits;
  /** Missing: the option was not given. */
  readonly partitions?: number | 'stored';
}

/** Missing: no limit. */
export interface ResolvedLimits {
  readonly concurrency?: number;
  readonly rateLimit?: ResolvedRateLimit;
  readonly groups?: ResolvedGroupLimits;
}

/** Missing: no limit. */
export interface ResolvedGroupLimits {
  readonly concurrency?: number;
  readonly rateLimit?: ResolvedRateLimit;
  /** Only with a concurrency of 1. */
  readonly ordered?: true;
}

export interface ResolvedRateLimit {
  readonly max: number;
  /** Seconds. */
  readonly per: number;
}

/** Durations are in seconds. */
export interface ResolvedRetention {
  readonly completed: number;
  readonly failed: number;
  readonly maxCompleted: number;
  readonly maxFailed: number;
}

export interface ResolvedJobDefaults {
  readonly maxTries: number;
  /** Missing for no limit. */
  readonly retryFor?: number;
  readonly backoff: CheckedBackoff;
  readonly retryDelay: number;
  readonly maxRetryDelay: number;
  readonly retryJitter: number;
  /** 0 for no timeout. */
  readonly timeout: number;
  readonly maxCrashes: number;
  /** Missing for no limit. */
  readonly maxReleases?: number;
}

/** The default options. Durations are in seconds. */
export const DEFAULTS = Object.freeze({
  driver: 'redis',
  queue: 'default',
  prefix: '',
  redis: Object.freeze({
    host: '127.0.0.1',
    port: 6379,
    database: 0,
    whenAway: 'fail',
    connectDeadline: 10,
    requestDeadline: 10,
  }),
  worker: Object.freeze({
    enabled: true,
    concurrency: 10,
    prefetch: 600,
    lease: 30,
    shutdownTimeout: 25,
    drainOn: 'beforeApplicationShutdown',
  }),
  jobs: Object.freeze({
    maxTries: 3,
    backoff: 'exponential',
    retryDelay: 60,
    maxRetryDelay: 3600,
    retryJitter: 0.1,
    timeout: 0,
    maxCrashes: 3,
  }),
  statusTtl: 86_400,
  stats: true,
  maxPayloadSize: 262_144,
  serializer: jsonSerializer,
  globalEnhancers: false,
  afterCommit: false,
  events: Object.freeze({ everywhere: false, keep: 10_000 }),
} as const);
