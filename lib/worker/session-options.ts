import { assertQueueName } from '../job/queue-name.js';
import {
  EVERY_QUEUE,
  mayBePools,
  NONE_BESIDE_POOLS,
  readPools,
  type PoolOptions,
  type Pools,
} from '../options/pools.reader.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { ResolvedWorkerOptions } from '../queue.options.js';
import { boolean } from '../support/checks.js';
import { DURATION_EXPECTED, toSeconds, type Duration } from '../support/duration.js';
import { OptionReader } from '../support/option-reader.js';
import type { SessionOptions } from './session.interface.js';

/** What {@link Worker.run} takes; all other options are those of the module. */
export interface WorkerRunOptions {
  /** Ends the run if no job is ready, none runs, and none is due. Default: false. */
  stopWhenEmpty?: boolean;
  /** Ends the run after so many jobs. Default: no limit. */
  maxJobs?: number;
  /** Ends the run after this time; it waits for running jobs. Default: no limit. */
  maxTime?: Duration;
  /** Ends the run if the resident memory of the process exceeds this, in bytes. It is read once a second. Default: no limit. */
  maxMemory?: number;
  /**
   * The queues, in strict order, in place of the option `worker.queues`; or pools, `{ emails: 10 }`; or `'all'` for the default
   * queue and every queue that a job class names, in turn; or `'*'` for every queue, also those that appear later, in turn.
   */
  queues?: readonly string[] | PoolOptions | 'all' | '*';
  /** In place of the option `worker.concurrency`; not with pools. */
  concurrency?: number;
  /** In place of the option `jobs.maxTries`. */
  maxTries?: number;
  /** In place of the option `jobs.timeout`. */
  timeout?: Duration;
}

const QUEUES_EXPECTED = 'a list of queue names, each once, that is not empty; pools; "all" or "*"';
const RUN_OPTIONS = [
  'stopWhenEmpty',
  'maxJobs',
  'maxTime',
  'maxMemory',
  'queues',
  'concurrency',
  'maxTries',
  'timeout',
] as const satisfies readonly (keyof WorkerRunOptions)[];

/** Refuses options of a run that are no options, and values that no reader below reads. @throws InvalidOptionError */
export function checkRunOptions(options: WorkerRunOptions): void {
  const given = OptionReader.of(options, '');
  given.refuseOthers(RUN_OPTIONS);
  given.get('stopWhenEmpty', boolean);
}

/**
 * Reads how long a stop waits for running jobs, in milliseconds.
 *
 * @param otherwise the time without an option, in seconds
 * @throws InvalidOptionError
 */
export function readStopTimeout(options: { readonly timeout?: Duration }, otherwise: number): number {
  const given = OptionReader.of(options, '');
  given.refuseOthers(['timeout']);
  return (options.timeout === undefined ? otherwise : readSeconds('timeout', options.timeout)) * 1000;
}

/**
 * Reads the options of the sessions of one run: of one session, or of one for each pool.
 *
 * @param allQueues the queues to work in turn, if no list is given
 * @param once whether each queue is asked for jobs only once
 * @throws InvalidOptionError, InvalidQueueNameError
 */
export function readSessions(
  options: WorkerRunOptions,
  worker: ResolvedWorkerOptions,
  allQueues: () => string[],
  once: boolean,
): SessionOptions[] {
  const pools = poolsOf(options, worker);
  if (!pools) return [readSessionOptions(options, worker, allQueues, once)];
  for (const name of ['concurrency', 'maxJobs'] as const) {
    // A number of jobs cannot be shared by sessions that claim by themselves. A single look claims at most all slots.
    if (options[name] !== undefined && !once) {
      const why = name === 'concurrency' ? NONE_BESIDE_POOLS : 'none beside pools';
      throw new InvalidOptionError(name, why, options[name]);
    }
  }
  return Object.entries(pools).map(([queue, concurrency]): SessionOptions => {
    const common = readCommon(once ? { ...options, maxJobs: concurrency } : options, worker, once);
    return Object.assign(common, { queues: [queue], strict: true, concurrency, isPool: true });
  });
}

/**
 * Reads the options of a session whose queues share their slots.
 *
 * @throws InvalidOptionError, InvalidQueueNameError
 */
export function readSessionOptions(
  options: WorkerRunOptions,
  worker: ResolvedWorkerOptions,
  allQueues: () => string[],
  once: boolean,
): SessionOptions {
  const given = options.queues === undefined ? worker.queues : options.queues;
  const isEvery = given === EVERY_QUEUE;
  const queues = given === 'all' || isEvery ? undefined : given && readQueues(given);
  return {
    queues: queues ?? allQueues(),
    strict: queues !== undefined,
    ...(isEvery && { isEvery }),
    concurrency: options.concurrency === undefined ? worker.concurrency : readCount('concurrency', options.concurrency),
    ...readCommon(options, worker, once),
  };
}

/** Returns the pools of a run; `undefined` if its queues share their slots. */
function poolsOf({ queues }: WorkerRunOptions, worker: ResolvedWorkerOptions): Pools | undefined {
  if (queues === undefined) return worker.pools;
  return mayBePools(queues) ? readPools(queues, 'queues') : undefined;
}

function readCommon(
  options: WorkerRunOptions,
  worker: ResolvedWorkerOptions,
  once: boolean,
): Omit<SessionOptions, 'queues' | 'strict' | 'concurrency'> {
  return {
    prefetch: once ? 0 : worker.prefetch,
    lease: worker.lease,
    stopWhenEmpty: options.stopWhenEmpty ?? false,
    once,
    ...(options.maxJobs !== undefined && { maxJobs: readCount('maxJobs', options.maxJobs) }),
    ...(options.maxTime !== undefined && { maxTime: readSeconds('maxTime', options.maxTime) }),
    ...(options.maxMemory !== undefined && { maxMemory: readCount('maxMemory', options.maxMemory) }),
  };
}

/**
 * Reads the options that take the place of the module's `jobs` options for one session.
 *
 * @throws InvalidOptionError
 */
export function readJobOptions({ maxTries, timeout }: WorkerRunOptions): { maxTries?: number; timeout?: number } {
  return {
    ...(maxTries !== undefined && { maxTries: readCount('maxTries', maxTries) }),
    ...(timeout !== undefined && { timeout: readSeconds('timeout', timeout) }),
  };
}

/** @throws InvalidOptionError */
function readSeconds(option: string, value: Duration): number {
  const result = toSeconds(value);
  if (result === undefined) throw new InvalidOptionError(option, DURATION_EXPECTED, value);
  return result;
}

function readQueues(given: unknown): readonly string[] {
  if (Array.isArray(given)) {
    const names: unknown[] = given;
    for (const name of names) assertQueueName(name);
    if (names.length > 0 && new Set(names).size === names.length) return given as string[];
  }
  throw new InvalidOptionError('queues', QUEUES_EXPECTED, given);
}

function readCount(option: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidOptionError(option, 'an integer of at least 1', value);
  return value;
}
