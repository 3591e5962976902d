import type { LoggerService } from '@nestjs/common';
import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { jsonSerializer } from './job/json-serializer.js';
import type { PayloadSerializer } from './job/payload-serializer.js';
import type { Duration } from './support/duration.js';

/** What `QueueModule.forRoot()` takes. Everything has a default; see the table in the README. */
export interface QueueModuleOptions {
  /** Where jobs are stored. Default: `QUEUE_DRIVER`, else `redis`. */
  driver?: QueueDriverName;
  /** The queue of jobs that name none. Default: `QUEUE_DEFAULT`, else `default`. */
  default?: string;
  redis?: QueueRedisOptions;
  /** `false` for a process that only dispatches. */
  worker?: WorkerOptions | false;
  /** Defaults for all jobs. */
  jobs?: JobDefaults;
  /** How long the status of an ended job is kept; 0 for not at all. Default: 24 h. */
  statusTtl?: Duration;
  /** The most bytes the serialized data of a job may take. Default: 262,144. */
  maxPayloadSize?: number;
  /** Default: JSON that refuses what it would lose. */
  serializer?: PayloadSerializer;
  /** Default: Nest's logger; `false` for none. */
  logger?: LoggerService | false;
  /** Whether global guards, pipes, interceptors and filters (`APP_GUARD` ...) run for jobs too. Default: false. */
  globalEnhancers?: boolean;
}

export type QueueDriverName = 'redis' | 'array';

/** How the storage is reached: any option of ioredis, or one of the keys named here. */
export interface QueueRedisOptions extends RedisOptions {
  /**
   * `redis://`, `rediss://` with user, password, host, port and database. Explicit options beat its parts; the environment
   * completes nothing of it.
   */
  url?: string;
  /** The index of the database; the same as ioredis's `db`. Default: that of the URL or `REDIS_DATABASE`, else 0. */
  database?: number;
  /** The first nodes of a Redis Cluster; the other options here hold for each node. */
  cluster?: ClusterNode[];
  /** Options of the cluster client itself. */
  clusterOptions?: Omit<ClusterOptions, 'redisOptions'>;
  /** A client that the application has already. It is used for commands, not closed; the blocking wait duplicates it. */
  client?: Redis | Cluster;
  /** What to do when Redis is away at boot: fail after `connectDeadline`, or wait as long as it takes. Default: `fail`. */
  whenAway?: 'fail' | 'wait';
  /** How long boot waits before it fails. Default: 10 s. */
  connectDeadline?: Duration;
  /** How long a call of `QueueManager`, or a settlement, may take until it rejects with a typed error. Default: 10 s. */
  requestDeadline?: Duration;
}

export interface WorkerOptions {
  /** Whether jobs are run in this process. Default: true. */
  enabled?: boolean;
  /** Worked in strict order. Default: the default queue and every queue that a registered job names, in turn. */
  queues?: string[];
  /** How many jobs run at once. Default: 10. */
  concurrency?: number;
  /**
   * How many quick jobs a worker may claim before it has a slot for them. It does so only while jobs end within
   * milliseconds, and gives back what it cannot start at once. Default: 600; 0 to claim only what can be started.
   */
  prefetch?: number;
  /** How long a job stays with a worker that gives no sign of life. Default: 30 s; at least 1 s. */
  lease?: Duration;
  /** How long a stopping worker waits for its jobs before it puts them back. Default: 25 s. */
  shutdownTimeout?: Duration;
  /** When the worker drains; `onModuleDestroy` for an application whose database closes there. */
  drainOn?: DrainPhase;
}

export type DrainPhase = 'beforeApplicationShutdown' | 'onModuleDestroy';

export interface JobDefaults {
  /** Default: 3. */
  maxTries?: number;
  /** Default: 60 s. */
  retryDelay?: Duration;
  /** No pause is longer. Default: 1 h. */
  maxRetryDelay?: Duration;
  /** How far pauses are spread, as a part of themselves: 0.1 is up to a tenth longer. Default: 0.1. */
  retryJitter?: number;
  /** Default: none. */
  timeout?: Duration;
}

/** The options, checked and complete; durations in seconds. */
export interface ResolvedQueueOptions {
  readonly driver: QueueDriverName;
  readonly default: string;
  readonly redis: ResolvedRedisOptions;
  readonly worker: ResolvedWorkerOptions;
  readonly jobs: ResolvedJobDefaults;
  readonly statusTtl: number;
  readonly maxPayloadSize: number;
  readonly serializer: PayloadSerializer;
  readonly logger: LoggerService | false | undefined;
  readonly globalEnhancers: boolean;
}

export interface ResolvedRedisOptions {
  readonly client: Redis | Cluster | undefined;
  readonly cluster: ClusterNode[] | undefined;
  readonly clusterOptions: Omit<ClusterOptions, 'redisOptions'>;
  /** What goes to ioredis. */
  readonly connection: RedisOptions;
  readonly whenAway: 'fail' | 'wait';
  readonly connectDeadline: number;
  readonly requestDeadline: number;
}

export interface ResolvedWorkerOptions {
  readonly enabled: boolean;
  readonly queues: readonly string[] | undefined;
  readonly concurrency: number;
  readonly prefetch: number;
  readonly lease: number;
  readonly shutdownTimeout: number;
  readonly drainOn: DrainPhase;
}

export interface ResolvedJobDefaults {
  readonly maxTries: number;
  readonly retryDelay: number;
  readonly maxRetryDelay: number;
  readonly retryJitter: number;
  /** 0 for none. */
  readonly timeout: number;
}

/** What holds where nothing is said; durations in seconds. */
export const DEFAULTS = Object.freeze({
  driver: 'redis',
  queue: 'default',
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
  jobs: Object.freeze({ maxTries: 3, retryDelay: 60, maxRetryDelay: 3600, retryJitter: 0.1, timeout: 0 }),
  statusTtl: 86_400,
  maxPayloadSize: 262_144,
  serializer: jsonSerializer,
  globalEnhancers: false,
} as const);
