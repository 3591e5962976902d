import { Injectable } from '@nestjs/common';
import { isJobClass } from '../decorators/job.metadata.js';
import { DuplicateJobError, InvalidJobError } from '../queue.errors.js';
import type { RegisteredJob } from './registered-job.interface.js';

/** Holds the job classes of this application, by name and by class. The explorer fills it when the application starts. */
@Injectable()
export class JobRegistry {
  private readonly byName = new Map<string, RegisteredJob>();
  private readonly byClass = new Map<unknown, RegisteredJob>();
  private readonly origins = new Map<string, string>();

  /**
   * Adds a job class.
   *
   * @param origin the name and the module of the class, for messages
   * @throws DuplicateJobError if another class has the name
   */
  register(job: RegisteredJob, origin: string): void {
    const other = this.origins.get(job.name);
    if (other !== undefined) throw new DuplicateJobError(job.name, other, origin);
    this.origins.set(job.name, origin);
    this.byName.set(job.name, job);
    this.byClass.set(job.jobClass, job);
  }

  /** Finds the job class by the name that is stored with each job. */
  find(name: string): RegisteredJob | undefined {
    return this.byName.get(name);
  }

  /**
   * Finds the job class of a class, or of an instance.
   *
   * @throws InvalidJobError if it is no job class, or no module registers it
   */
  get(classOrInstance: unknown): RegisteredJob {
    const type: unknown =
      typeof classOrInstance === 'object' && classOrInstance !== null
        ? (Object.getPrototypeOf(classOrInstance) as { constructor?: unknown } | null)?.constructor
        : classOrInstance;
    const job = this.byClass.get(type);
    if (job) return job;
    throw isJobClass(type) ? InvalidJobError.notRegistered(type.name) : InvalidJobError.notDecorated(classOrInstance);
  }

  /** Returns the names of all job classes, sorted. */
  names(): string[] {
    return [...this.byName.keys()].toSorted();
  }

  /** Returns the queues that job classes name, sorted. */
  queues(): string[] {
    const named = [...this.byName.values()].map(({ options }) => options.queue);
    return [...new Set(named.filter((queue) => queue !== undefined))].toSorted();
  }
}
