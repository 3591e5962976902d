import { keyCheck } from '../job/unique-options.js';
import { InvalidOptionError, InvalidScheduleError } from '../queue.errors.js';
import { boolean, duration, integer, oneOf, text, type Check } from '../support/checks.js';
import { errorMessage, toError } from '../support/error-text.js';
import { OptionReader } from '../support/option-reader.js';
import { DEFAULT_TIME_ZONE, readCron } from './cron.js';
import type { ScheduleText } from './schedule-codec.js';

/** All of a schedule but its job, checked. */
export type CheckedRule = Omit<ScheduleText, 'queue' | 'traits' | 'body' | 'application'>;

const RULE = ['cron', 'timeZone', 'every', 'catchUp', 'overlap', 'jitter'] as const;
const DECLARED = [...RULE, 'name', 'data'] as const;
const RUNTIME = [...RULE, 'job', 'startAt', 'endAt', 'limit', 'paused'] as const;

const everyCheck = duration(0.1);
const jitterCheck = duration(0, 86_400);
const catchUpCheck = oneOf('none', 'last', 'all');
const limitCheck = integer(1);
const dateCheck: Check<number> = {
  expected: 'a Date',
  read: (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : undefined),
};

/** Returns the words for a schedule in messages. */
export function whereOf(name: string): string {
  return `Schedule "${name}"`;
}

/** @throws InvalidScheduleError */
export function assertScheduleName(name: unknown): asserts name is string {
  if (keyCheck.read(name) === undefined)
    throw InvalidScheduleError.expected('The name of a schedule', keyCheck.expected, name);
}

/** Checks the options of `set`. @throws InvalidScheduleError */
export function readRuntime(
  where: string,
  options: unknown,
): { readonly rule: CheckedRule; readonly job: unknown; readonly paused?: boolean } {
  return reading(where, () => {
    const reader = OptionReader.of(options, '');
    reader.refuseOthers(RUNTIME);
    const job = reader.raw('job');
    if (typeof job !== 'object' || job === null) {
      throw new InvalidOptionError('job', 'a jobSpec(), or an instance that carries its data', job);
    }
    const startAt = reader.get('startAt', dateCheck);
    const endAt = reader.get('endAt', dateCheck);
    if (startAt !== undefined && endAt !== undefined && endAt < startAt) {
      throw new InvalidOptionError('endAt', 'a time that is not before startAt', new Date(endAt).toISOString());
    }
    const limit = reader.get('limit', limitCheck);
    const paused = reader.get('paused', boolean);
    const times = { ...(startAt !== undefined && { startAt }), ...(endAt !== undefined && { endAt }) };
    const rule = { ...readRule(reader), ...times, ...(limit !== undefined && { limit }) };
    return { rule, job, ...(paused !== undefined && { paused }) };
  });
}

/** Checks the arguments of `@Schedule()`. @throws InvalidScheduleError */
export function readDeclared(
  where: string,
  options: unknown,
): { readonly rule: CheckedRule; readonly name?: string; readonly data: unknown } {
  return reading(where, () => {
    const reader = OptionReader.of(options, '');
    reader.refuseOthers(DECLARED);
    const name = reader.get('name', keyCheck);
    return { rule: readRule(reader), data: reader.raw('data'), ...(name !== undefined && { name }) };
  });
}

function readRule(reader: OptionReader): CheckedRule {
  const behaviour = {
    catchUp: reader.get('catchUp', catchUpCheck) ?? 'last',
    overlap: reader.get('overlap', boolean) ?? true,
    jitter: Math.round((reader.get('jitter', jitterCheck) ?? 0) * 1000),
  };
  const every = reader.get('every', everyCheck);
  const pattern = reader.raw('cron');
  if (every !== undefined && pattern !== undefined) {
    throw new InvalidOptionError('every', 'none beside "cron"', reader.raw('every'));
  }
  if (every !== undefined) {
    if (reader.raw('timeZone') !== undefined) {
      throw new InvalidOptionError('timeZone', 'none beside "every"', reader.raw('timeZone'));
    }
    return { every: Math.round(every * 1000), ...behaviour };
  }
  const cron = pattern === undefined ? undefined : reader.get('cron', text);
  if (cron === undefined) throw new InvalidOptionError('cron', 'a cron expression, or the option "every"', pattern);
  const timeZone = reader.get('timeZone', text) ?? DEFAULT_TIME_ZONE;
  assertOccurs(cron, timeZone);
  return { cron, timeZone, ...behaviour };
}

/** Checks that an expression can be read, that the time zone exists, and that it has an occurrence. */
function assertOccurs(cron: string, timeZone: string): void {
  assertTimeZone(timeZone);
  let next: Date | null;
  try {
    next = readCron(cron, timeZone).nextRun();
  } catch (thrown) {
    const cause = toError(thrown);
    throw new InvalidOptionError('cron', `a cron expression (${errorMessage(cause)})`, cron, { cause });
  }
  if (next === null) throw new InvalidOptionError('cron', 'an expression that occurs', `${cron} (never)`);
}

function assertTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    throw new InvalidOptionError('timeZone', 'the name of a time zone, as "Europe/Berlin"', timeZone, { cause });
  }
}

/** Turns errors of options into errors of the schedule. */
function reading<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidOptionError) throw InvalidScheduleError.ofOption(where, error);
    throw error;
  }
}
