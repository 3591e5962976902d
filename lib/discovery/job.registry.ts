import { Injectable } from '@nestjs/common';
import { isJobClass } from '../decorators/job.metadata.js';
import { DuplicateJobError, InvalidJobError } from '../queue.errors.js';
import type { RegisteredJob } from './registered-job.interface.js';

/** The job classes of this application, by name and by class. Filled when the application starts. */
@Injectable()
export class JobRegistry {
  private readonly byName = new Map<string, RegisteredJob>();
  private readonly byClass = new Map<unknown, RegisteredJob>();
  private readonly origins = new Map<string, string>();

  /**
   * @param origin what to call the class in messages: its name and module
   * @throws DuplicateJobError where another class has the name
   */
  register(job: RegisteredJob, origin: string): void {
    const other = this.origins.get(job.name);
    if (other !== undefined) throw new DuplicateJobError(job.name, other, origin);
    this.origins.set(job.name, origin);
    this.byName.set(job.name, job);
    this.byClass.set(job.jobClass, job);
  }

  /** The job of a name, as it is stored with each job. */
  find(name: string): RegisteredJob | undefined {
    return this.byName.get(name);
  }

  /**
   * The job of a class, or of the class of an instance.
   *
   * @throws InvalidJobError where that is no job class, or not registered in any module
   */
  get(classOrInstance: unknown): RegisteredJob {
    const type = classOf(classOrInstance);
    const job = this.byClass.get(type);
    if (job) return job;
    throw isJobClass(type) ? InvalidJobError.notRegistered(type.name) : InvalidJobError.notDecorated(classOrInstance);
  }

  /** The names of all jobs, sorted. */
  names(): string[] {
    return [...this.byName.keys()].toSorted();
  }

  /** The queues that jobs name, sorted. */
  queues(): string[] {
    const named = [...this.byName.values()].map(({ options }) => options.queue);
    return [...new Set(named.filter((queue) => queue !== undefined))].toSorted();
  }
}

function classOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return (Object.getPrototypeOf(value) as { constructor?: unknown } | null)?.constructor;
}
