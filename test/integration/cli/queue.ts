import { afterEach, beforeEach } from '@jest/globals';
import { Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Job,
  QueueAdmin,
  QueueManager,
  QueueModule,
  QueueSchedules,
  UnrecoverableError,
  Worker,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { runQueue } from '../../../lib/cli/queue/run-queue.js';
import type { UsedRedis } from '../../support/use-redis.js';

@Job({ queue: 'emails', maxTries: 1 })
@Injectable()
export class SendEmailJob {
  handle({ to }: { to: string }): string {
    if (to === '') throw new UnrecoverableError('no address');
    return `sent to ${to}`;
  }
}

@Module({ providers: [SendEmailJob] })
class EmailModule {}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the command is run in this process. */
export interface QueueScene {
  readonly queue: QueueManager;
  readonly admin: QueueAdmin;
  readonly schedules: QueueSchedules;
  /** Works the ready jobs of all queues. */
  work(): Promise<void>;
  /** Runs the command on the server of the tests. */
  run(line: string | readonly string[], io?: { readonly input?: string; readonly answer?: boolean }): Promise<Ran>;
  /** Runs it with `--json`, expects that it succeeds, and reads the result. */
  json(line: string): Promise<unknown>;
}

/** Gives the tests an application, and the command beside it, which does not know its options. @param queues an option of the application */
export function useQueueCommand(redis: UsedRedis, queues: QueueModuleOptions['queues'] = {}): QueueScene {
  let app: INestApplicationContext;
  beforeEach(async () => {
    const options = { driver: 'redis', redis: { url: redis.url }, worker: false, logger: false, queues } as const;
    @Module({ imports: [QueueModule.forRoot(options), EmailModule] })
    class AppModule {}
    app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  });
  afterEach(() => app.close());
  const run: QueueScene['run'] = async (line, { input = '', answer } = {}) => {
    const [out, errors]: string[][] = [[], []];
    const args = typeof line === 'string' ? line.split(' ') : line;
    const code = await runQueue(['--url', redis.url, ...args], {
      write: (text) => out!.push(text),
      writeError: (text) => errors!.push(text),
      readInput: () => Promise.resolve(input),
      ...(answer !== undefined && { ask: () => Promise.resolve(answer) }),
    });
    return { code, stdout: out!.join(''), stderr: errors!.join('') };
  };
  return {
    get queue() {
      return app.get(QueueManager);
    },
    get admin() {
      return app.get(QueueAdmin);
    },
    get schedules() {
      return app.get(QueueSchedules);
    },
    work: async () => {
      await app.get(Worker).run({ queues: 'all', stopWhenEmpty: true });
    },
    run,
    async json(line) {
      const { code, stdout, stderr } = await run(`${line} --json`);
      if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
  };
}
