import { randomBytes } from 'node:crypto';
import { schedulesOf } from '../decorators/schedule.decorator.js';
import type { JobRegistry } from '../discovery/job.registry.js';
import type { RegisteredJob } from '../discovery/registered-job.interface.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { jobSpec } from '../job/job-spec.js';
import type { JobSpec } from '../job/job-spec.interface.js';
import { applicationOfPackage } from '../options/application.js';
import { InvalidScheduleError, QueueClosedError, QueueConnectionError } from '../queue.errors.js';
import type { Clock, Timer } from '../support/clock.js';
import { errorMessage, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { each } from '../support/slices.js';
import type { QueueSchedules } from './queue-schedules.js';
import { readDeclared, type CheckedRule } from './schedule-reader.js';

/** The interval of signs of life, in milliseconds. */
const INTERVAL = 10_000;
/** A process is forgotten after so many milliseconds without a sign: it may lose two. */
const KEPT = 3.5 * INTERVAL;
/** How many schedules are set at once. */
const AT_ONCE = 16;

interface Declaration {
  readonly name: string;
  readonly rule: CheckedRule;
  readonly job: unknown;
}

export interface DeclaredParts {
  readonly driver: Pick<QueueDriver, 'schedules'>;
  readonly schedules: Pick<QueueSchedules, 'check' | 'declare'>;
  readonly registry: JobRegistry;
  /** The name of this application; if it is missing, it is that of its package. */
  readonly options: { readonly application?: string | undefined };
  readonly clock: Clock;
  readonly logger: QueueLogger;
}

/**
 * Reconciles the schedules that this application declares with the stored ones:
 *
 * 1. {@link collect} finds and checks the declarations, before anything is connected;
 * 2. {@link join} tells the storage that this process declares them, which removes those that no process declares any more, and
 *    sets those that are new or changed;
 * 3. a sign of life each ten seconds says that it still declares them, if other processes share the storage;
 * 4. {@link leave} says that it stops.
 *
 * A process of an application without schedules only looks once.
 */
export class DeclaredSchedules {
  private readonly process = randomBytes(9).toString('base64url');
  private declarations: readonly Declaration[] = [];
  private timer: Timer | undefined;
  private nameOfApplication: string | undefined;
  private isKnown = false;
  private isClosed = false;

  constructor(private readonly parts: DeclaredParts) {}

  /**
   * Finds the declarations of the job classes that are registered.
   *
   * @throws InvalidScheduleError, InvalidJobError
   */
  async collect(): Promise<void> {
    const { registry } = this.parts;
    const jobs = registry.names().flatMap((name) => registry.find(name) ?? []);
    const found = jobs.flatMap((job) => schedulesOf(job.jobClass).map((options) => toDeclaration(job, options)));
    const classes = new Map<string, string[]>();
    for (const { name, place } of found) classes.set(name, [...(classes.get(name) ?? []), place]);
    for (const [name, places] of classes) if (places.length > 1) throw InvalidScheduleError.twice(name, places);
    for (const { name, job } of found) await this.parts.schedules.check(name, job);
    this.declarations = found;
  }

  /**
   * Reconciles the declarations. If the storage is away, it is tried again until it succeeds.
   *
   * @throws InvalidScheduleError if another application that runs declares one of the names
   * @throws as `QueueManager.push` does, for the jobs
   */
  async join(): Promise<void> {
    try {
      await this.reconcile();
    } catch (error) {
      if (!(error instanceof QueueConnectionError)) {
        await this.leave();
        throw error;
      }
      this.parts.logger.warn(`The declared schedules could not be set, and are set later: ${errorMessage(error)}`);
      this.wait();
    }
  }

  /** Says that this process declares nothing any more. A second call does nothing. */
  async leave(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    if (!this.isKnown) return;
    this.isKnown = false;
    await this.parts.driver.schedules.leave(this.application, this.process);
  }

  private get application(): string {
    return (this.nameOfApplication ??= this.parts.options.application ?? applicationOfPackage());
  }

  private async reconcile(): Promise<void> {
    const { driver, schedules } = this.parts;
    const { application } = this;
    const names = this.declarations.map(({ name }) => name);
    const { isKnown, conflicts } = await driver.schedules.join({ application, process: this.process, names }, KEPT);
    const [conflict] = conflicts;
    if (conflict) throw InvalidScheduleError.elsewhere(conflict.name, application, conflict.application);
    this.isKnown = isKnown;
    if (!isKnown) return;
    // If a schedule cannot be set, the others are, and this one is set with the next sign.
    this.wait();
    await each(this.declarations, AT_ONCE, ({ name, rule, job }) => schedules.declare(name, rule, job, application));
  }

  private wait(): void {
    this.timer?.cancel();
    if (!this.isClosed && this.parts.driver.schedules.isShared)
      this.timer = this.parts.clock.after(INTERVAL, () => void this.sign());
  }

  private async sign(): Promise<void> {
    const { driver, logger } = this.parts;
    this.wait();
    try {
      // The storage may have lost everything.
      const isKnown = this.isKnown && (await driver.schedules.sign(this.application, this.process, KEPT));
      if (!isKnown) await this.reconcile();
    } catch (error) {
      this.isKnown = false;
      if (error instanceof QueueConnectionError || error instanceof QueueClosedError) return;
      logger.error(`The declared schedules cannot be set: ${errorMessage(toError(error))}`);
    }
  }
}

/** Reads a declaration of a job class. @throws InvalidScheduleError */
function toDeclaration(job: RegisteredJob, options: unknown): Declaration & { readonly place: string } {
  const place = `class ${job.jobClass.name}`;
  const { rule, name = job.name, data } = readDeclared(`@Schedule() of ${place}`, options);
  return { name, rule, job: specOf(job, data), place };
}

function specOf({ jobClass }: RegisteredJob, data: unknown): JobSpec {
  return (jobSpec as (job: unknown, data: unknown) => JobSpec)(jobClass, data);
}
