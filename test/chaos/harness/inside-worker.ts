import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { QueueModuleOptions } from '../../../lib/index.js';
import { ChaosModule } from '../process/chaos.module.js';
import type { History } from '../process/history.js';

/** A worker in the test's own process. Nothing can be done to it but to drain it. */
export class InsideWorker {
  private constructor(private readonly app: INestApplicationContext) {}

  static async start(history: History, options: QueueModuleOptions): Promise<InsideWorker> {
    const app = await NestFactory.createApplicationContext(ChaosModule.of(history, options), { logger: ['error'] });
    history.write({ type: 'up', pid: process.pid });
    return new InsideWorker(app);
  }

  async drain(): Promise<void> {
    await this.app.close();
  }

  stop(): Promise<void> {
    return this.drain();
  }
}
