import { describe, expect, it } from '@jest/globals';
import * as library from 'nestjs-job-queue';
import {
  InvalidOptionError,
  JOB_STATES,
  JobContext,
  jsonSerializer,
  QueueError,
  type QueueModuleOptions,
  resolveOptions,
} from 'nestjs-job-queue';
import { RedisClients } from '../../lib/drivers/redis/redis-clients.js';
import { RedisKeys } from '../../lib/drivers/redis/keys.js';
import { AttemptInfo } from '../../lib/job/attempt-info.js';
import { JobControl } from '../../lib/job/job-context.js';
import { readTarget } from '../../lib/dispatch/push-target.js';
import { DEFAULTS } from '../../lib/queue.options.js';
import { codeIn, readReadme, tableOf } from './readme.js';
import { membersOf, methodsOf, source, sources, wordsOf } from './sources.js';

const readme = readReadme();

/** What stands in the first column, without backticks, arguments and what an option's path has in front. */
function namesIn(heading: string, column: string): string[] {
  return tableOf(readme, heading, column).flatMap((row) => codeIn(row[0]!).map((code) => code.replace(/\(.*$/, '')));
}

/** The names that are known, as told to who gives another one. */
function knownOptions(give: (options: object) => unknown): string[] {
  let message = '';
  try {
    give({ '%%%': 1 });
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    ({ message } = error as Error);
  }
  return /known are ([^)]+)/.exec(message)![1]!.split(', ');
}

/** `a.b` -> the value under `a`, `b` */
function at(object: unknown, path: string): unknown {
  return path.split('.').reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

describe('the table of options', () => {
  const rows = tableOf(readme, 'Options', 'option').map(([option, type, byDefault, meaning, variable]) => ({
    option: codeIn(option!)[0]!,
    type: codeIn(type!)[0]!,
    byDefault: codeIn(byDefault!)[0],
    meaning: meaning!,
    variable: codeIn(variable!)[0],
  }));
  const below = (group: string): string[] =>
    rows.flatMap(({ option }) => (option.startsWith(`${group}.`) ? [option.slice(group.length + 1)] : []));
  const variables = rows.filter(({ variable }) => variable !== undefined);

  it('has every option of the module, of its worker and of its jobs, and no others', () => {
    const top = rows.flatMap(({ option }) => (option.includes('.') ? [] : [option]));
    expect(top.sort()).toEqual(knownOptions((options) => resolveOptions(options, {})).sort());
    expect(below('worker').sort()).toEqual(knownOptions((worker) => resolveOptions({ worker }, {})).sort());
    expect(below('jobs').sort()).toEqual(knownOptions((jobs) => resolveOptions({ jobs }, {})).sort());
  });

  it('has every option of the connection that is not just one of ioredis', () => {
    const own = membersOf('lib/queue.options.ts', 'QueueRedisOptions');
    const ofAddress = [...Object.keys(DEFAULTS.redis), 'password'];
    expect(below('redis').sort()).toEqual([...new Set([...own, ...ofAddress])].sort());
  });

  it('tells the defaults, all of them', () => {
    const told = rows.flatMap(({ option, byDefault }) => (byDefault === undefined ? [] : [[option, read(byDefault)]]));
    const { queue, ...others } = DEFAULTS;
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(leaves({ ...others, default: queue })));
  });

  it('tells what holds when nothing is given', () => {
    const resolved = resolveOptions({}, {});
    for (const { option, byDefault } of rows) {
      if (byDefault !== undefined)
        expect({ option, value: at(resolved, placeOf(option)) }).toEqual({ option, value: read(byDefault) });
    }
  });

  it('says something of each', () => {
    expect(rows.filter(({ meaning }) => meaning.length < 8)).toEqual([]);
  });

  it('names the environment variables that are read, and no others', () => {
    const asked = new Set<string>();
    const env = new Proxy({}, { get: (_target, name) => void asked.add(String(name)) });
    resolveOptions({}, env);
    expect(variables.map(({ variable }) => variable!).sort()).toEqual([...asked].sort());
  });

  it('names with each option the variable that sets it, and code wins', () => {
    for (const { option, type, variable } of variables) {
      const text = option === 'driver' ? 'array' : type === 'number' ? '3' : 'some-text';
      const value = type === 'number' ? 3 : text;
      const env = { [variable!]: text };
      expect({ option, value: at(resolveOptions({}, env), placeOf(option)) }).toEqual({ option, value });
      const other = option === 'driver' ? 'redis' : type === 'number' ? 4 : 'other-text';
      const given = option.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), other);
      const resolved = resolveOptions(given as QueueModuleOptions, env);
      expect({ option, value: at(resolved, placeOf(option)) }).toEqual({ option, value: other });
    }
  });

  /** Where a resolved option stands. */
  function placeOf(option: string): string {
    const address = /^redis\.(host|port|password|database)$/.exec(option)?.[1];
    return address === undefined ? option : `redis.connection.${address.replace('database', 'db')}`;
  }

  function read(code: string): unknown {
    return code === 'jsonSerializer' ? jsonSerializer : JSON.parse(code.replaceAll("'", '"'));
  }

  function leaves(object: object, path = ''): [string, unknown][] {
    return Object.entries(object).flatMap(([key, value]): [string, unknown][] =>
      typeof value === 'object' && value !== jsonSerializer
        ? leaves(value as object, `${path}${key}.`)
        : [[`${path}${key}`, value]],
    );
  }
});

describe('what the README says of a connection', () => {
  it('names the options of ioredis that are not taken from the application', () => {
    const paragraph = /sets these options of ioredis itself: (.*?)\. It refuses (.*?), since/.exec(readme.prose)!;
    const durable = /const DURABLE = \{\n(.*?)\n\}/s.exec(source('lib/drivers/redis/redis-clients.ts'))![1]!;
    const own = [...durable.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]!).concat('lazyConnect');
    expect(codeIn(paragraph[1]!)).toEqual(own);
    const given = { ...Object.fromEntries(own.map((name) => [name, 'mine'])), connectTimeout: 77 };
    const client = new RedisClients(resolveOptions({ redis: given }, {}).redis).commands();
    const taken = Object.entries(client.options).filter(([name, value]) => name in given && value === at(given, name));
    client.disconnect();
    expect(taken).toEqual([['connectTimeout', 77]]);
    for (const redis of [{ keyPrefix: 'app:' }, { replyMapping: 'resp3' }]) {
      expect(() => resolveOptions({ redis: redis as never }, {})).toThrow(InvalidOptionError);
    }
    expect(codeIn(paragraph[2]!)).toEqual(['keyPrefix', 'resp3']);
  });
});

describe('the table of errors', () => {
  const rows = tableOf(readme, 'Errors', 'class').map((row) => row.map((cell) => codeIn(cell)[0]));

  it('has every error that is exported, and no others', () => {
    const exported = Object.entries(library)
      .filter(([, value]) => typeof value === 'function' && value.prototype instanceof QueueError)
      .map(([name]) => name);
    expect(exported.length).toBeGreaterThan(20);
    expect(rows.map(([name]) => name!).sort()).toEqual(exported.sort());
  });

  it('has the codes, one for each class', () => {
    const text = sources('lib/errors');
    const classes = [...text.matchAll(/class (\w+) extends QueueError \{.*?'(ERR_\w+)'/gs)];
    expect(Object.fromEntries(rows.map(([name, code]) => [name, code]))).toEqual(
      Object.fromEntries(classes.map(([, name, code]) => [name, code])),
    );
    expect(rows.map(([, code]) => code!).sort()).toEqual(wordsOf('lib/errors/queue-error.ts', 'QueueErrorCode').sort());
  });
});

describe('the other tables', () => {
  it('have the members of the context of a job', () => {
    const facts = { id: 'id', name: 'name', queue: 'queue', attempt: 1, fence: 1, pushedAt: 0 };
    const context = new JobContext(facts, new JobControl(3));
    const prototypes = [JobContext.prototype, AttemptInfo.prototype];
    const members = [...Object.keys(context), ...prototypes.flatMap((each) => Object.getOwnPropertyNames(each))];
    expect(namesIn("The job's context", 'member').sort()).toEqual(
      members.filter((name) => name !== 'constructor').sort(),
    );
  });

  it('have the methods of the manager', () => {
    const methods = methodsOf('lib/dispatch/queue.manager.ts', 'QueueManager');
    expect(methods).toContain('pop');
    expect(namesIn('Queues', 'method of `QueueManager`').sort()).toEqual(methods.sort());
  });

  it('have the members of the worker, and what it tells of an attempt', () => {
    expect(namesIn('Workers', 'member').sort()).toEqual(methodsOf('lib/worker/worker.ts', 'Worker').sort());
    const told = codeIn(tableOf(readme, 'Workers', 'member').find(([name]) => name === '`reports$`')![1]!)[1]!;
    expect(told.match(/\w+/g)).toEqual(membersOf('lib/worker/job-report.ts', 'JobReport'));
  });

  it('have the options of a push', () => {
    expect(namesIn('Dispatching jobs', 'option')).toEqual(knownOptions((options) => readTarget(options, 0)));
  });

  it('have the states of a job', () => {
    expect(namesIn('Job status', '`status`')).toEqual([...JOB_STATES]);
  });

  it('have the ends of an attempt', () => {
    expect(namesIn('Workers', 'outcome')).toEqual(wordsOf('lib/job/job-outcome.ts', 'JobOutcome'));
  });

  it('have the keys, and their types', () => {
    const keys = new RedisKeys(false);
    const ofQueue = Object.entries<string>({ ...keys.of('{name}') }).map(([name, key]) =>
      name.endsWith('Prefix') ? `${key}{id}` : key,
    );
    expect(namesIn('Keys in Redis', 'key').sort()).toEqual([...ofQueue, keys.lastProcessed, keys.queues].sort());
    const cluster = new RedisKeys(true).of('default');
    const told = [cluster.ready, cluster.delayed, `${cluster.statusPrefix}ID`].filter(
      (key) => !readme.prose.includes(`\`${key}\``),
    );
    expect(told).toEqual([]);
  });
});

describe('the paragraph on a run of the worker', () => {
  const paragraph = /`run` takes .*?`max-memory`\./.exec(readme.prose)![0];

  it('names the options of a run, and the reasons of its end', () => {
    const options = membersOf('lib/worker/worker.ts', 'WorkerRunOptions');
    const reasons = wordsOf('lib/worker/run-limits.ts', 'StopReason');
    expect(codeIn(paragraph).sort()).toEqual(['run', ...options, ...reasons].sort());
  });
});
