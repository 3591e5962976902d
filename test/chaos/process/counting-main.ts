import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { QueueModuleOptions } from '../../../lib/index.js';
import { OPTIONS_VARIABLE } from './process-options.js';
import { CountingModule } from './counting.module.js';
import { RunCount } from './run-count.js';

export interface CountingOptions {
  /** The file to which the jobs write their numbers. */
  readonly count: string;
  readonly queue: QueueModuleOptions;
}

/** The memory and the open handles of a process. It prints them for each line on its input. */
export interface Sample {
  /** Bytes in use after a garbage collection; Node has to run with `--expose-gc`. */
  readonly heap: number;
  readonly rss: number;
  /** The number of open sockets, timers and other handles, by kind. */
  readonly handles: Readonly<Record<string, number>>;
}

/** Runs millions of jobs. This process ends when the process that started it ends. */
const { count, queue } = JSON.parse(process.env[OPTIONS_VARIABLE]!) as CountingOptions;
process.stdin.on('data', () => process.stdout.write(`sample ${JSON.stringify(sample())}\n`));
process.stdin.on('end', () => process.exit(3));
const app = await NestFactory.createApplicationContext(CountingModule.of(new RunCount(count), queue), {
  logger: ['error'],
});
app.enableShutdownHooks();
process.stdout.write('up\n');

function sample(): Sample {
  globalThis.gc!();
  const { heapUsed, rss } = process.memoryUsage();
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  return { heap: heapUsed, rss, handles };
}
