import type { LoggerService } from '@nestjs/common';
import {
  assertEnds,
  ATTEMPT_OPTIONS,
  durationCheck,
  readAttemptOptions,
  retryForCheck,
} from '../job/attempt-options.reader.js';
import { readModuleMiddleware } from '../job/middleware-option.reader.js';
import type { PayloadSerializer } from '../job/payload-serializer.js';
import type { TransactionSource } from '../job/transaction-source.interface.js';
import { queueNameCheck } from '../job/queue-name.js';
import { InvalidOptionError } from '../queue.errors.js';
import {
  DEFAULTS,
  type QueueDriverName,
  type QueueModuleOptions,
  type ResolvedEvents,
  type ResolvedJobDefaults,
  type ResolvedQueueOptions,
  type ResolvedWorkerOptions,
} from '../queue.options.js';
import { boolean, duration, having, integer, oneOf, switchCheck, type Check } from '../support/checks.js';
import { areWorkersManual } from '../support/manual-worker.js';
import { OptionReader } from '../support/option-reader.js';
import { applicationCheck } from './application.js';
import { readCarriers } from './carriers.reader.js';
import { readCodecs } from './codecs.reader.js';
import { Environment } from './environment.js';
import { EVERY_QUEUE, mayBePools, NONE_BESIDE_POOLS, readPools, slotsCheck } from './pools.reader.js';
import { resolveQueues } from './queues.resolver.js';
import { resolveRedisOptions } from './redis-options.resolver.js';

const MODULE_OPTIONS = [
  'driver',
  'default',
  'redis',
  'prefix',
  'application',
  'worker',
  'queues',
  'jobs',
  'statusTtl',
  'stats',
  'maxPayloadSize',
  'serializer',
  'logger',
  'globalEnhancers',
  'middleware',
  'carriers',
  'codecs',
  'afterCommit',
  'transactions',
  'events',
] as const satisfies readonly (keyof QueueModuleOptions)[];
const WORKER_OPTIONS = ['enabled', 'queues', 'concurrency', 'prefetch', 'lease', 'shutdownTimeout', 'drainOn'] as const;

const driverCheck = oneOf<QueueDriverName>('redis', 'array');
const prefixCheck: Check<string> = {
  expected: '0 to 64 of A-Z a-z 0-9 _ . : -',
  read: (value) => (typeof value === 'string' && /^[A-Za-z0-9_.:-]{0,64}$/.test(value) ? value : undefined),
};
const HOUR = 3_600;
const DAY = 86_400;
/** The longest string that Redis stores, in bytes. */
const LARGEST_PAYLOAD = 512 * 1024 * 1024;

/**
 * Checks the module's options and completes them from the environment and from the defaults. An option in code beats the
 * environment. Resolved durations are in seconds.
 *
 * @param given the argument of `QueueModule.forRoot()`
 * @param env the variables; reads `QUEUE_DRIVER`, `QUEUE_DEFAULT`, `QUEUE_PREFIX`, `QUEUE_APPLICATION`, `QUEUE_WORKER` and `REDIS_*`
 * @throws InvalidOptionError with the path of the first wrong option, the expected value and the given value
 */
export function resolveOptions(
  given: QueueModuleOptions = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): ResolvedQueueOptions {
  const options = OptionReader.of(given, '');
  options.refuseOthers(MODULE_OPTIONS);
  const environment = new Environment(env);
  const driver = options.get('driver', driverCheck) ?? environment.get('QUEUE_DRIVER', driverCheck) ?? DEFAULTS.driver;
  const statusTtl = options.get('statusTtl', durationCheck) ?? DEFAULTS.statusTtl;
  return Object.freeze({
    driver,
    default:
      options.get('default', queueNameCheck) ?? environment.get('QUEUE_DEFAULT', queueNameCheck) ?? DEFAULTS.queue,
    prefix: options.get('prefix', prefixCheck) ?? environment.get('QUEUE_PREFIX', prefixCheck) ?? DEFAULTS.prefix,
    application: options.get('application', applicationCheck) ?? environment.get('QUEUE_APPLICATION', applicationCheck),
    // The array driver ignores REDIS_*: a bad value there must not stop the application.
    redis: resolveRedisOptions(options.below('redis'), driver === 'redis' ? environment : new Environment({})),
    worker: resolveWorkerOptions(options, environment),
    jobs: resolveJobDefaults(options.below('jobs')),
    queues: resolveQueues(options.below('queues'), statusTtl),
    statusTtl,
    stats: options.get('stats', boolean) ?? DEFAULTS.stats,
    maxPayloadSize: options.get('maxPayloadSize', integer(1, LARGEST_PAYLOAD)) ?? DEFAULTS.maxPayloadSize,
    serializer: options.get('serializer', having<PayloadSerializer>('serialize', 'deserialize')) ?? DEFAULTS.serializer,
    logger: resolveLogger(options),
    globalEnhancers: options.get('globalEnhancers', boolean) ?? DEFAULTS.globalEnhancers,
    middleware: readModuleMiddleware(options),
    carriers: readCarriers(options),
    codecs: readCodecs(options),
    ...resolveTransactions(options),
    events: resolveEvents(options.below('events')),
  });
}

function resolveWorkerOptions(options: OptionReader, environment: Environment): ResolvedWorkerOptions {
  const off = options.raw('worker') === false;
  const worker = off ? OptionReader.of({}, 'worker') : options.below('worker');
  worker.refuseOthers(WORKER_OPTIONS);
  return Object.freeze({
    enabled: off ? false : (worker.get('enabled', boolean) ?? readWorkerSwitch(environment) ?? DEFAULTS.worker.enabled),
    ...resolveWorkedQueues(worker),
    concurrency: worker.get('concurrency', slotsCheck) ?? DEFAULTS.worker.concurrency,
    prefetch: worker.get('prefetch', integer(0, 1_000)) ?? DEFAULTS.worker.prefetch,
    lease: worker.get('lease', duration(1, DAY, HOUR)) ?? DEFAULTS.worker.lease,
    shutdownTimeout: worker.get('shutdownTimeout', duration(0, DAY, HOUR)) ?? DEFAULTS.worker.shutdownTimeout,
    drainOn: worker.get('drainOn', oneOf('beforeApplicationShutdown', 'onModuleDestroy')) ?? DEFAULTS.worker.drainOn,
  });
}

/** The command `queue-worker` is the worker: the variable is not for it. */
function readWorkerSwitch(environment: Environment): boolean | undefined {
  return areWorkersManual() ? undefined : environment.get('QUEUE_WORKER', switchCheck);
}

function resolveWorkedQueues(worker: OptionReader): Pick<ResolvedWorkerOptions, 'queues' | 'pools'> {
  const queues = worker.raw('queues');
  if (queues === undefined || queues === EVERY_QUEUE) return { queues };
  if (mayBePools(queues)) {
    const pools = readPools(queues, worker.at('queues'));
    if (worker.raw('concurrency') !== undefined) {
      throw new InvalidOptionError(worker.at('concurrency'), NONE_BESIDE_POOLS, worker.raw('concurrency'));
    }
    return { queues: Object.freeze(Object.keys(pools)), pools };
  }
  if (!Array.isArray(queues) || queues.length === 0) {
    throw new InvalidOptionError(worker.at('queues'), 'a list of queue names that is not empty, pools, or "*"', queues);
  }
  const names = queues.map((name: unknown, index) => {
    const path = worker.at(`queues[${index}]`);
    const read = queueNameCheck.read(name);
    if (read === undefined) throw new InvalidOptionError(path, queueNameCheck.expected, name);
    if (queues.indexOf(name) !== index) throw new InvalidOptionError(path, 'each queue once', name);
    return read;
  });
  return { queues: Object.freeze(names) };
}

function resolveJobDefaults(jobs: OptionReader): ResolvedJobDefaults {
  jobs.refuseOthers([...ATTEMPT_OPTIONS, 'retryFor']);
  const given = readAttemptOptions(jobs);
  const retryFor = jobs.get('retryFor', retryForCheck);
  assertEnds(given.maxTries, retryFor, jobs.at('maxTries'));
  return Object.freeze({
    maxTries: given.maxTries ?? DEFAULTS.jobs.maxTries,
    backoff: given.backoff ?? DEFAULTS.jobs.backoff,
    retryDelay: given.retryDelay ?? DEFAULTS.jobs.retryDelay,
    timeout: given.timeout ?? DEFAULTS.jobs.timeout,
    maxRetryDelay: given.maxRetryDelay ?? DEFAULTS.jobs.maxRetryDelay,
    retryJitter: given.retryJitter ?? DEFAULTS.jobs.retryJitter,
    maxCrashes: given.maxCrashes ?? DEFAULTS.jobs.maxCrashes,
    ...(retryFor !== undefined && { retryFor }),
    ...(given.maxReleases !== undefined && { maxReleases: given.maxReleases }),
  });
}

function resolveTransactions(options: OptionReader): Pick<ResolvedQueueOptions, 'afterCommit' | 'transactions'> {
  const afterCommit = options.get('afterCommit', boolean) ?? DEFAULTS.afterCommit;
  const transactions = options.get('transactions', having<TransactionSource>('isActive', 'onCommit'));
  if (!afterCommit || transactions) return { afterCommit, transactions };
  throw new InvalidOptionError(options.at('afterCommit'), 'the option "transactions" beside it', true);
}

function resolveEvents(events: OptionReader): ResolvedEvents {
  events.refuseOthers(['everywhere', 'keep']);
  return Object.freeze({
    everywhere: events.get('everywhere', boolean) ?? DEFAULTS.events.everywhere,
    keep: events.get('keep', integer(1, 1_000_000)) ?? DEFAULTS.events.keep,
  });
}

function resolveLogger(options: OptionReader): LoggerService | false | undefined {
  return options.raw('logger') === false ? false : options.get('logger', having<LoggerService>('log', 'warn', 'error'));
}
