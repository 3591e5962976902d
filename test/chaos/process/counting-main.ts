import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { QueueModuleOptions } from '../../../lib/index.js';
import { ORDERS } from './orders.js';
import { CountingModule } from './counting.module.js';
import { RunCount } from './run-count.js';

export interface CountingOrders {
  /** The file that the numbers of its jobs go to. */
  readonly count: string;
  readonly queue: QueueModuleOptions;
}

/** What a process has, as it says when it is asked with a line on its input. */
export interface Sample {
  /** Bytes that are left after a collection; node has to run with `--expose-gc`. */
  readonly heap: number;
  readonly rss: number;
  /** Open sockets, timers and the like, by kind. */
  readonly handles: Readonly<Record<string, number>>;
}

/** The process that works jobs by the million. It ends with the process that started it. */
const { count, queue } = JSON.parse(process.env[ORDERS]!) as CountingOrders;
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
