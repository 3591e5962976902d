import { codeIn, readDocs, type Table } from './docs.js';
import type { ExampleFile } from './examples.js';

const IMPORTS = `import type { LoggerService } from '@nestjs/common';
import type { Cluster, ClusterNode, ClusterOptions, Redis } from 'ioredis';
import type { Backoff, Duration, EventsOptions, JobContextCarrier, JobDefaults, JobRetention, MiddlewareType, PayloadCodec, PayloadSerializer, PoolOptions, PushDebounceOptions, PushOptions, PushUniqueOptions, QueueModuleOptions, QueueRedisOptions, QueueSettings, TransactionSource, WaitOptions, WorkerOptions } from 'nestjs-job-queue';`;

const SAME = `type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : 'another type';`;

/** The type that holds an option, by the part of its name before the dot. */
const OWNERS: Readonly<Record<string, string>> = {
  '': 'QueueModuleOptions',
  redis: 'QueueRedisOptions',
  worker: 'WorkerOptions',
  jobs: 'JobDefaults',
  events: 'EventsOptions',
};

/** The type that holds the options of a call, by the heading of their table. Of other tables it is `PushOptions`. */
const OF_CALLS: Readonly<Record<string, string>> = { 'Waiting for jobs': 'WaitOptions' };

/** Makes a file of each table of options. It compiles only if every option has the type that the table gives. */
export function optionTypes({ tables } = readDocs()): ExampleFile[] {
  return tables
    .filter(({ header }) => header[0] === 'option' && header[1] === 'type')
    .map((table) => {
      const lines = table.rows.map((row, index) => `export const row${index}: ${assertion(table, row)} = true;`);
      const text = `${`${IMPORTS} ${SAME}`.replaceAll('\n', ' ')} ${lines.join('\n')}\n`;
      const block = { file: table.file, lang: 'ts', text, line: table.line + 2, heading: table.heading };
      return { name: `types-of-${table.heading.toLowerCase().replaceAll(' ', '-')}.ts`, text, block };
    });
}

function assertion({ heading }: Table, [option = '', type = '']: readonly string[]): string {
  const path = codeIn(option)[0]!.split('.');
  const owner = heading === 'Options' ? OWNERS[path.slice(0, -1).join('.')]! : (OF_CALLS[heading] ?? 'PushOptions');
  return `Same<NonNullable<${owner}['${path.at(-1)}']>, ${codeIn(type)[0]!}>`;
}
