import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { JobExplorer } from './discovery/job.explorer.js';
import { EventListeners } from './listeners/event-listeners.js';
import { assertOneConfiguration } from './options/one-configuration.js';
import type { ResolvedQueueOptions } from './queue.options.js';
import { QueueParts } from './queue.parts.js';
import { QUEUE_LOGGER, QUEUE_MODULE_OPTIONS, RESOLVED_QUEUE_OPTIONS } from './queue.tokens.js';
import { DeclaredSchedules } from './schedules/declared-schedules.js';
import { errorMessage, errorStack, toError } from './support/error-text.js';
import type { QueueLogger } from './support/queue-logger.js';

/**
 * Opens the queue when the application starts, and closes it when the application stops. The order matters:
 *
 *     options checked -> jobs and schedules found -> driver connected -> (application starts) -> worker starts -> schedules set
 *     worker drained -> servers closed -> schedules left -> popped jobs requeued -> driver closed
 *
 * Finds the jobs before it connects the driver, so that a wrong job class leaves no connection open. Its module is
 * global: Nest initializes it before the modules that push jobs in their own `onModuleInit`, and shuts it down after
 * them. The last step of the start, and the first step of the stop, are in `QueueWorkerModule`.
 *
 * A failed step of the stop does not keep the later ones from running: the driver has to be closed in any case, or its
 * connections keep the process alive.
 */
@Injectable()
export class QueueLifecycle implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  private opening: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly explorer: JobExplorer,
    private readonly parts: QueueParts,
    private readonly listeners: EventListeners,
    @Inject(DeclaredSchedules) private readonly schedules: DeclaredSchedules,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
  ) {}

  /**
   * Checks the options, finds the jobs and connects the driver.
   *
   * @throws QueueError if the options, a job class or the connection is wrong; leaves no connection open
   */
  onModuleInit(): Promise<void> {
    return (this.opening ??= this.open());
  }

  /**
   * Starts the worker, after all bootstrap hooks of the application, and sets the schedules that the application declares.
   *
   * @throws QueueError if a schedule cannot be set
   */
  async start(): Promise<void> {
    // Nest may stop an application whose hooks are still running.
    if (this.isStopping) return;
    this.parts.driver?.restWhileIdle?.(false);
    if (!this.parts.isWhole) return;
    this.parts.worker?.startWithApplication();
    await this.schedules.join();
  }

  /** Drains the worker before any other module is destroyed, with `drainOn: 'onModuleDestroy'`. */
  async beforeDestroy(): Promise<void> {
    this.isStopping = true;
    if (this.options.worker?.drainOn === 'onModuleDestroy') await this.drain();
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.isStopping = true;
    await this.drain(signal);
  }

  /** @throws the first error of the steps; the later ones are logged */
  async onApplicationShutdown(): Promise<void> {
    const { manager, storage } = this.parts;
    const failures: Error[] = [];
    const leave = (): Promise<void> => this.schedules.leave();
    for (const step of [leave, () => manager?.close(), () => this.parts.events?.close(), () => storage?.close?.()]) {
      try {
        await step();
      } catch (error) {
        failures.push(toError(error));
      }
    }
    const [first, ...others] = failures;
    for (const error of others) this.logFailure('closed', error);
    if (first) throw first;
  }

  private async open(): Promise<void> {
    const { manager, storage } = this.parts;
    try {
      assertOneConfiguration(this.modules, QUEUE_MODULE_OPTIONS);
      this.explorer.exploreAll();
      this.listeners.attach();
      if (this.parts.isWhole) await this.schedules.collect();
      // A test that has replaced the manager pushes nothing, and need not have a server.
      if (manager) await storage?.connect?.();
      // Nobody would close a connection of an application that did not start.
      this.parts.driver?.restWhileIdle?.(true);
    } catch (error) {
      await this.closeAfterFailure();
      throw error;
    }
  }

  /** Closes the driver. An error of that must not hide the one that stopped the start. */
  private async closeAfterFailure(): Promise<void> {
    try {
      await this.parts.storage?.close?.();
    } catch (error) {
      this.logFailure('closed', error);
    }
  }

  /** An error here would keep Nest from calling the hook that closes the driver. */
  private async drain(signal?: string): Promise<void> {
    try {
      await this.parts.worker?.drain(signal);
    } catch (error) {
      this.logFailure('drained', error);
    }
  }

  private logFailure(what: string, thrown: unknown): void {
    const error = toError(thrown);
    this.logger.error(`The queue could not be ${what}: ${errorMessage(error)}`, errorStack(error));
  }
}
