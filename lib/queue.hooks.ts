import { setImmediate as turn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { JobExplorer } from './discovery/job.explorer.js';
import type { NestModule } from './discovery/instance-source.js';
import { QueueLifecycle } from './queue.lifecycle.js';
import { CLOCK, QUEUE_LOGGER } from './queue.tokens.js';
import type { Clock } from './support/clock.js';
import { errorMessage, toError } from './support/error-text.js';
import type { QueueLogger } from './support/queue-logger.js';

/** The first pause between two looks at the modules that are being loaded, in milliseconds; each is twice as long. */
const FIRST_PAUSE = 10;
/** How often to look. A load that takes longer than about ten seconds has failed. */
const LOOKS = 10;

/**
 * Adds hooks of the queue to modules of Nest and of the application: where the hooks of its own modules come too late, or
 * are not called.
 */
@Injectable()
export class QueueHooks {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly explorer: JobExplorer,
    private readonly lifecycle: QueueLifecycle,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
  ) {}

  /** Opens the queue with the core module of Nest, which starts first: other global modules push in their `onModuleInit`. */
  ofApplication(): void {
    this.add(this.core, { onModuleInit: () => this.lifecycle.onModuleInit() });
  }

  /**
   * Starts and stops a queue that the application loads with a `LazyModuleLoader`: Nest calls no hook of a lazy module.
   * Starts it when Nest has made the modules of the load. Stops it with the root module and with the core module of Nest,
   * which stops last.
   */
  ofLazyModule(): void {
    const { lifecycle } = this;
    this.add(this.root, { onModuleDestroy: () => lifecycle.beforeDestroy() });
    this.add(this.core, {
      beforeApplicationShutdown: (signal?: string) => lifecycle.beforeApplicationShutdown(signal),
      onApplicationShutdown: () => lifecycle.onApplicationShutdown(),
    });
    this.startWhenLoaded().catch((error: unknown) => {
      this.logger.error(`The queue of a lazy module could not be opened: ${errorMessage(toError(error))}`);
    });
  }

  /** The core module of Nest, the first module of every application. */
  private get core(): NestModule | undefined {
    return [...this.modules.values()][0];
  }

  private get root(): NestModule | undefined {
    return [...this.modules.values()][1];
  }

  private add(module: NestModule | undefined, hooks: object): void {
    module?.addProvider({ provide: Symbol('QueueHooks'), useValue: hooks });
  }

  private async startWhenLoaded(): Promise<void> {
    await turn();
    for (let look = 0; look < LOOKS && !this.explorer.isComplete; look++) {
      await new Promise<void>((resolve) => void this.clock.after(FIRST_PAUSE * 2 ** look, resolve));
    }
    if (!this.explorer.isComplete) return;
    await this.lifecycle.onModuleInit();
    await this.lifecycle.start();
  }
}
