import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { GROUP, LEVEL, RedisKeys } from '../../lib/drivers/redis/keys.js';
import { AttemptInfo, JobControl } from '../../lib/job/job-context.js';
import { readTarget } from '../../lib/dispatch/push-target.js';
import { DEFAULTS } from '../../lib/queue.options.js';
import { systemClock } from '../../lib/support/clock.js';
import { codeIn, readDocs, REPOSITORY } from './docs.js';
import { PLACES } from './places.js';
import { membersOf, methodsOf, source, sources, wordsOf } from './sources.js';

const docs = readDocs();

/** Reads the names in the first column, without backticks and arguments. */
function namesIn(file: string, heading: string, column: string): string[] {
  return docs.table(file, heading, column).flatMap((row) => codeIn(row[0]!).map((code) => code.replace(/\(.*$/, '')));
}

/** Finds the known names in the message that rejects an unknown one. */
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

/** Reads the value under `a`, `b` for the path `a.b`. */
function at(object: unknown, path: string): unknown {
  return path.split('.').reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

/** The text of a variable, the value that it stands for, and another value, by the type of the option. */
const SAMPLES: Readonly<Record<string, { text: string; value: unknown; other: unknown }>> = {
  number: { text: '3', value: 3, other: 4 },
  boolean: { text: 'off', value: false, other: true },
};

describe('the table of options', () => {
  const rows = docs.table(PLACES.options, 'Options', 'option').map(([option, type, byDefault, meaning, variable]) => ({
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

  it('has every option of the connection that is not an option of ioredis', () => {
    const own = membersOf('lib/queue.options.ts', 'QueueRedisOptions');
    const ofAddress = [...Object.keys(DEFAULTS.redis), 'password'];
    expect(below('redis').sort()).toEqual([...new Set([...own, ...ofAddress])].sort());
  });

  it('has every default', () => {
    const told = rows.flatMap(({ option, byDefault }) => (byDefault === undefined ? [] : [[option, read(byDefault)]]));
    const { queue, ...others } = DEFAULTS;
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(leaves({ ...others, default: queue })));
  });

  it('has the values that apply if no option is given', () => {
    const resolved = resolveOptions({}, {});
    for (const { option, byDefault } of rows) {
      if (byDefault !== undefined)
        expect({ option, value: at(resolved, placeOf(option)) }).toEqual({ option, value: read(byDefault) });
    }
  });

  it('explains each option', () => {
    expect(rows.filter(({ meaning }) => meaning.length < 8)).toEqual([]);
  });

  it('names every environment variable that the library reads, and no other', () => {
    const asked = new Set<string>();
    const env = new Proxy({}, { get: (_target, name) => void asked.add(String(name)) });
    resolveOptions({}, env);
    expect(variables.map(({ variable }) => variable!).sort()).toEqual([...asked].sort());
  });

  it('names the variable of each option, and code overrides the variable', () => {
    for (const { option, type, variable } of variables) {
      const text = option === 'driver' ? 'array' : (SAMPLES[type]?.text ?? 'some-text');
      const value = SAMPLES[type]?.value ?? text;
      const scheme = option === 'redis.url' ? 'redis://' : '';
      const env = { [variable!]: scheme + text };
      expect({ option, value: at(resolveOptions({}, env), placeOf(option)) }).toEqual({ option, value });
      const other = option === 'driver' ? 'redis' : (SAMPLES[type]?.other ?? 'other-text');
      const given = option
        .split('.')
        .reduceRight<unknown>((inner, key) => ({ [key]: inner }), typeof other === 'string' ? scheme + other : other);
      const resolved = resolveOptions(given as QueueModuleOptions, env);
      expect({ option, value: at(resolved, placeOf(option)) }).toEqual({ option, value: other });
    }
  });

  /** Finds the path of an option among the resolved options. */
  function placeOf(option: string): string {
    const address = /^redis\.(host|port|password|database|url)$/.exec(option)?.[1];
    if (address === undefined) return option;
    return `redis.connection.${address.replace('database', 'db').replace('url', 'host')}`;
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

describe('the chapter on the connection', () => {
  it('names the options of ioredis that the application cannot set', () => {
    const paragraph = /sets these options of ioredis: (.*?)\. It refuses (.*?), because/.exec(
      docs.of(PLACES.options).prose,
    )!;
    const durable = /const DURABLE = \{\n(.*?)\n\}/s.exec(source('lib/drivers/redis/redis-clients.ts'))![1]!;
    const own = [...durable.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]!).concat('lazyConnect');
    expect(codeIn(paragraph[1]!)).toEqual(own);
    const given = { ...Object.fromEntries(own.map((name) => [name, 'mine'])), connectTimeout: 77 };
    const client = new RedisClients(resolveOptions({ redis: given }, {}).redis, systemClock).commands();
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
  const rows = docs.table(PLACES.errors, 'Errors', 'class').map((row) => row.map((cell) => codeIn(cell)[0]));

  it('has every exported error, and no others', () => {
    const exported = Object.entries(library)
      .filter(([, value]) => typeof value === 'function' && value.prototype instanceof QueueError)
      .map(([name]) => name);
    expect(exported.length).toBeGreaterThan(20);
    expect(rows.map(([name]) => name!).sort()).toEqual(exported.sort());
  });

  it('has the code of each class', () => {
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
    const facts = { name: 'name', queue: 'queue', job: { id: 'id', attempt: 1, fence: 1, pushedAt: 0 } };
    const context = new JobContext(facts, new JobControl(3));
    const prototypes = [JobContext.prototype, AttemptInfo.prototype];
    const members = [...Object.keys(context), ...prototypes.flatMap((each) => Object.getOwnPropertyNames(each))];
    expect(namesIn(PLACES.job, "The job's context", 'member').sort()).toEqual(
      members.filter((name) => name !== 'constructor').sort(),
    );
  });

  it('have the methods of the manager', () => {
    const methods = methodsOf('lib/dispatch/queue.manager.ts', 'QueueManager');
    expect(methods).toContain('pop');
    expect(namesIn(PLACES.dispatch, 'Queues', 'method of `QueueManager`').sort()).toEqual(methods.sort());
  });

  it('have the members of the worker, and those of a report', () => {
    expect(namesIn(PLACES.worker, 'Start, stop, run', 'member').sort()).toEqual(
      methodsOf('lib/worker/worker.ts', 'Worker').sort(),
    );
    const told = codeIn(
      docs.table(PLACES.worker, 'Start, stop, run', 'member').find(([name]) => name === '`reports$`')![1]!,
    )[1]!;
    expect(told.match(/\w+/g)).toEqual(membersOf('lib/worker/job-report.ts', 'JobReport'));
  });

  it('have the options of a push', () => {
    expect(namesIn(PLACES.dispatch, 'Push, later, pushMany', 'option')).toEqual(
      knownOptions((options) => readTarget(options, 0)),
    );
  });

  it('have the states of a job', () => {
    expect(namesIn(PLACES.dispatch, 'Job status', '`status`')).toEqual([...JOB_STATES]);
  });

  it('have the outcomes of an attempt', () => {
    expect(namesIn(PLACES.worker, 'Outcomes', 'outcome')).toEqual(wordsOf('lib/job/job-outcome.ts', 'JobOutcome'));
  });

  it('have the keys of Redis', () => {
    const keys = new RedisKeys(false);
    const ofQueue = Object.entries<string>({ ...keys.of('{name}') }).map(([name, key]) =>
      name.endsWith('Prefix') ? `${key}{id}` : key,
    );
    const ofGroup = ['', ':priority', ':gone', ':starts'].map((end) => `queue:{name}${end}${GROUP}{group}`);
    const ofLevel = ['', ':gone'].map((end) => `queue:{name}${end}${LEVEL}{priority}`);
    expect(namesIn(PLACES.redis, 'Keys in Redis', 'key').sort()).toEqual(
      [
        ...ofQueue,
        ...ofGroup,
        ...ofLevel,
        keys.lastProcessed,
        keys.queues,
        ...Object.values(keys.ofWorkers),
        ...Object.values(keys.ofEvents),
        ...Object.values<string>({ ...keys.ofSchedules }),
      ].sort(),
    );
    const cluster = new RedisKeys(true).of('default');
    const told = [cluster.ready, cluster.delayed, `${cluster.statusPrefix}ID`].filter(
      (key) => !docs.of(PLACES.redis).prose.includes(`\`${key}\``),
    );
    expect(told).toEqual([]);
  });
});

describe('the table of the driver contract', () => {
  it('has every method of the interfaces', () => {
    const rows = docs.table(PLACES.drivers, 'The contract', 'part').map((row) => row.map(codeIn));
    for (const [[name = ''] = [], methods] of rows) {
      const file = name === 'QueueConsumer' ? 'queue-consumer' : 'queue-driver';
      const members = membersOf(`lib/drivers/${file}.interface.ts`, name);
      const values = new Set([
        'name',
        'address',
        'queue',
        'id',
        'limits',
        'isReliable',
        'isAway',
        'partitions',
        'pauses',
        'stats',
        'lists',
        'mending',
        'cancellations',
        'batches',
        'flows',
        'schedules',
        'waits',
        'workers',
        'events',
      ]);
      expect(methods).toEqual(members.filter((member) => !values.has(member)));
    }
    expect(docs.of(PLACES.drivers).prose).toContain(`has ${rows[0]![1]!.length} methods`);
  });
});

describe('the number of faults', () => {
  it('equals the number of rows of the table in every document', () => {
    const rows = docs.table(PLACES.guarantees, 'Measured', 'fault');
    const numbers = [...docs.prose.matchAll(/(\d+) faults/g)].map((match) => Number(match[1]));
    expect(numbers).toEqual([rows.length, rows.length]);
  });
});

describe('the glossary', () => {
  const rows = docs.table(PLACES.library, 'Glossary', 'word');
  const inCode = rows.flatMap(([, , code]) => codeIn(code!));

  it('names types and members that the library has', () => {
    const text = librarySource();
    const names = inCode.flatMap((code) => code.match(/^[A-Z]\w+/)?.[0] ?? []);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !new RegExp(`(class|interface|type) ${name}\\b`).test(text))).toEqual([]);
    const members = inCode.flatMap((code) => code.match(/^[A-Z]\w+\.(\w+)/)?.[1] ?? []);
    expect(members.filter((name) => !new RegExp(`^  (readonly )?${name}[(:]`, 'm').test(text))).toEqual([]);
  });

  it('names keys that the library has', () => {
    const keys = new Set(
      [new RedisKeys(false).of('NAME'), new RedisKeys(false).ofSchedules]
        .flatMap((each) => Object.values<string>({ ...each }))
        .flatMap((key) => [':CONSUMER', ':ID'].map((end) => key.replace(/:$/, end))),
    );
    const named = rows.flatMap((row) => codeIn(row[3]!));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((key) => !keys.has(key))).toEqual([]);
  });

  it('has each word once', () => {
    const words = rows.flatMap(([word]) => word!.split(', '));
    expect(words).toEqual([...new Set(words)]);
  });

  function librarySource(): string {
    const folder = join(REPOSITORY, 'lib');
    const files = readdirSync(folder, { recursive: true }) as string[];
    return files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
  }
});

describe('the benchmark in the README', () => {
  const COLUMNS = ['', 'ours', 'BullMQ', 'unit', 'ours / BullMQ'];

  it('has six rows of the whole table', () => {
    const [whole] = docs.of(PLACES.benchmark).tables;
    const few = docs.of(PLACES.readme).tables.find(({ header }) => header[1] === 'ours')!;
    expect(few.header).toEqual(COLUMNS);
    expect(few.rows).toHaveLength(6);
    const places = COLUMNS.map((column) => whole!.header.indexOf(column));
    const known = whole!.rows.map((row) => places.map((place) => row[place]));
    expect(known).toEqual(expect.arrayContaining([...few.rows]));
  });
});

describe('the paragraph on a run of the worker', () => {
  const paragraph = /`run` takes .*?`max-memory`\./.exec(docs.of(PLACES.worker).prose)![0];

  it('names the options of a run, and the reasons for its end', () => {
    const options = membersOf('lib/worker/session-options.ts', 'WorkerRunOptions');
    const reasons = wordsOf('lib/worker/run-limits.ts', 'StopReason');
    expect(codeIn(paragraph).sort()).toEqual(['run', ...options, ...reasons].sort());
  });
});
