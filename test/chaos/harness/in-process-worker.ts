import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { QueueModuleOptions } from '../../../lib/index.js';
import { ChaosModule } from '../process/chaos.module.js';
import type { History } from '../process/history.js';

/** A worker in the process of the test. A test can only drain it. */
export class InProcessWorker {
  private constructor(private readonly app: INestApplicationContext) {}

  static async start(history: History, options: QueueModuleOptions): Promise<InProcessWorker> {
    const app = await NestFactory.createApplicationContext(ChaosModule.of(history, options), { logger: ['error'] });
    history.write({ type: 'up', pid: process.pid });
    return new InProcessWorker(app);
  }

  async drain(): Promise<void> {
    await this.app.close();
  }

  stop(): Promise<void> {
    return this.drain();
  }
}
