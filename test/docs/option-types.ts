import type { ExampleFile } from './examples.js';
import { codeIn, readReadme, type Table } from './readme.js';

const IMPORTS = `import type { LoggerService } from '@nestjs/common';
import type { Cluster, ClusterNode, ClusterOptions, Redis } from 'ioredis';
import type { Duration, JobDefaults, PayloadSerializer, PushOptions, QueueModuleOptions, QueueRedisOptions, WorkerOptions } from 'nestjs-job-queue';`;

const SAME = `type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : 'another type';`;

/** What the part of an option's name before the dot stands for. */
const OWNERS: Readonly<Record<string, string>> = {
  '': 'QueueModuleOptions',
  redis: 'QueueRedisOptions',
  worker: 'WorkerOptions',
  jobs: 'JobDefaults',
};

/** The README's tables of options as files that compile only where the type that is told of an option is the one it has. */
export function optionTypes({ tables } = readReadme()): ExampleFile[] {
  return tables
    .filter(({ header }) => header[0] === 'option' && header[1] === 'type')
    .map((table) => {
      const lines = table.rows.map((row, index) => `export const row${index}: ${assertion(table, row)} = true;`);
      const text = `${`${IMPORTS} ${SAME}`.replaceAll('\n', ' ')} ${lines.join('\n')}\n`;
      const block = { lang: 'ts', text, line: table.line + 2, heading: table.heading };
      return { name: `types-of-${table.heading.toLowerCase().replaceAll(' ', '-')}.ts`, text, block };
    });
}

function assertion({ heading }: Table, [option = '', type = '']: readonly string[]): string {
  const path = codeIn(option)[0]!.split('.');
  const owner = heading === 'Options' ? OWNERS[path.slice(0, -1).join('.')]! : 'PushOptions';
  return `Same<NonNullable<${owner}['${path.at(-1)}']>, ${codeIn(type)[0]!}>`;
}
