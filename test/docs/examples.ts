import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readReadme, REPOSITORY, type Block } from './readme.js';

/** A source that the README's examples are made of. */
export interface ExampleFile {
  /** Such as `send-email.job.ts`. */
  readonly name: string;
  readonly text: string;
  /** The block it is; `undefined` for what the README takes for granted. */
  readonly block?: Block;
}

/** What a block that is no file of its own takes for granted. */
export interface Prelude {
  /** As in `import { A } from 'a';`, one after the other. */
  readonly imports: string;
  /** The parameters of the function that the block becomes. */
  readonly parameters: string;
}

/** Where the examples stand, as far as the compiler knows; what is there is taken for granted. */
export const EXAMPLES = join(REPOSITORY, 'test/docs/fixtures');

/** By heading, and from the second block under it on its number: the key is the name of the file without `.ts`. */
export const PRELUDES: Readonly<Record<string, Prelude>> = {
  'dispatching-jobs': {
    imports: `import type { QueueManager } from 'nestjs-job-queue';
      import { ResizeImageJob } from './resize-image.job.js'; import { type Email, SendEmailJob } from './send-email.job.js';`,
    parameters: 'queue: QueueManager, email: Email, emails: readonly Email[]',
  },
  'pushing-once': {
    imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';`,
    parameters: 'queue: QueueManager',
  },
  'pushing-once-2': {
    imports: `import { type QueueManager, UnknownOutcomeError } from 'nestjs-job-queue';
      import { SendInvoiceJob } from './send-invoice.job.js';`,
    parameters: 'queue: QueueManager',
  },
  'taking-jobs-by-hand': {
    imports: `import type { QueueManager } from 'nestjs-job-queue'; import type { Email } from './send-email.job.js';`,
    parameters: 'queue: QueueManager, deliver: (email: Email) => Promise<void>',
  },
  'job-status': {
    imports: `import type { QueueManager } from 'nestjs-job-queue';`,
    parameters: 'queue: QueueManager, id: string',
  },
  workers: {
    imports: `import type { Worker } from 'nestjs-job-queue';`,
    parameters: 'worker: Worker',
  },
  configuration: { imports: `import { QueueModule } from 'nestjs-job-queue';`, parameters: '' },
  'configuration-2': {
    imports: `import { QueueModule } from 'nestjs-job-queue';
      import { SettingsModule, SettingsService } from './settings.module.js';`,
    parameters: '',
  },
  'connecting-to-redis': {
    imports: `import type { Redis } from 'ioredis'; import type { QueueRedisOptions } from 'nestjs-job-queue';`,
    parameters: 'ca: string, redis: Redis',
  },
  'health-check': { imports: `import type { Redis } from 'ioredis';`, parameters: '' },
};

/**
 * The README's blocks as files. A block whose first line is a comment with a name is that file. Any other one becomes a
 * function, within a file named after its heading; or stays a module, if it exports something. Each line stays a line:
 * what is put in front stands before the first one.
 */
export function readmeExamples(readme = readReadme()): ExampleFile[] {
  const unnamed = new Map<string, number>();
  return readme.blocks
    .filter(({ lang }) => lang === 'ts')
    .map((block) => {
      const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(block.text)?.[1];
      if (name !== undefined) return { name, text: block.text, block };
      const stem = block.heading.toLowerCase().replaceAll(' ', '-');
      const count = (unnamed.get(stem) ?? 0) + 1;
      unnamed.set(stem, count);
      const key = count === 1 ? stem : `${stem}-${count}`;
      return { name: `${key}.ts`, text: withPrelude(block, PRELUDES[key]), block };
    });
}

function withPrelude({ text }: Block, prelude: Prelude | undefined): string {
  if (!prelude) return text;
  const imports = prelude.imports.replaceAll(/\s+/g, ' ');
  if (/^export /m.test(text)) return `${imports} ${text}`;
  return `${imports} export default async function (${prelude.parameters}): Promise<void> { ${text}\n}\n`;
}

/** What the examples take for granted. */
export function fixtures(): ExampleFile[] {
  return readdirSync(EXAMPLES).map((name) => ({ name, text: readFileSync(join(EXAMPLES, name), 'utf8') }));
}
