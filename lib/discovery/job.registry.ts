import { inheritedJob, isJobClass } from '../decorators/job.metadata.js';
import { placeOf } from '../decorators/job-place.js';
import { DuplicateJobError, InvalidJobError, NotInitializedError } from '../queue.errors.js';
import type { RegisteredJob } from './registered-job.interface.js';

/** Finds further job classes of the application. */
export interface JobSource {
  /**
   * Registers the job classes that are not registered yet.
   *
   * @returns false if Nest still makes a module: its job classes cannot be registered before it has made all of it
   */
  explore(): boolean;
  /** Takes an error of {@link explore} that has no caller to reach. */
  report(error: unknown): void;
}

/**
 * Holds the job classes of this application, by name and by class. The explorer fills it when the application starts. When
 * a class or a name is missing, the registry asks the explorer to look again: the job may come before the start of the
 * application, or from a module that was loaded after it.
 */
export class JobRegistry {
  private readonly byName = new Map<string, RegisteredJob>();
  private readonly byClass = new Map<unknown, RegisteredJob>();
  private readonly origins = new Map<string, string>();
  /** The jobs that are not checked for a run yet. */
  private readonly unchecked = new Set<RegisteredJob>();
  private runs = false;
  /** True if a class has the option `chunk`: only then a worker looks for such jobs among those that it has claimed. */
  hasChunks = false;

  /** @param source the place to look for missing jobs. Default: none */
  constructor(private source?: JobSource) {}

  /**
   * Sets the place to look for missing jobs.
   *
   * @internal
   */
  lookIn(source: JobSource): void {
    this.source = source;
  }

  /**
   * Adds a job class.
   *
   * @param origin the name and the module of the class, for messages
   * @throws DuplicateJobError if another class has the name
   * @throws InvalidJobError if a worker was started, and a dependency of the class has no provider
   */
  register(job: RegisteredJob, origin: string): void {
    const other = this.origins.get(job.name);
    if (other !== undefined) {
      const first = this.byName.get(job.name)!;
      const types = [first, job].map(({ jobClass }) => jobClass);
      const alike = types[0]!.name === types[1]!.name;
      const handleOne = first.definition !== undefined && job.definition !== undefined;
      throw new DuplicateJobError(job.name, other, origin, alike ? types.map(placeOf) : [], handleOne);
    }
    if (this.runs) job.check?.();
    else this.unchecked.add(job);
    if (job.options.chunk) this.hasChunks = true;
    this.origins.set(job.name, origin);
    this.byName.set(job.name, job);
    this.byClass.set(job.jobClass, job);
  }

  /**
   * Checks that all jobs can run in this process. A worker asks for that when it starts: an application that only dispatches
   * may lack the dependencies of its jobs. A class that is registered later is checked when it is registered.
   *
   * @throws InvalidJobError for the first class with a dependency that has no provider
   * @internal
   */
  prepareToRun(): void {
    this.look();
    for (const job of this.unchecked) {
      job.check?.();
      this.unchecked.delete(job);
    }
    this.runs = true;
  }

  /** Finds the job class by the name that is stored with each job. */
  find(name: string): RegisteredJob | undefined {
    return this.byName.get(name) ?? this.search(name);
  }

  /** Checks that no module can still bring a job class. @throws NotInitializedError if Nest still makes modules */
  assertComplete(name: string): void {
    if (this.source?.explore() === false) throw new NotInitializedError(name);
  }

  /** Returns true if the class itself is registered. */
  has(jobClass: unknown): boolean {
    return this.byClass.has(jobClass);
  }

  /**
   * Finds the job class of a class, or of an instance.
   *
   * @throws InvalidJobError if it is no job class, or no module registers it
   * @throws NotInitializedError if Nest still makes the modules that may register it
   */
  get(classOrInstance: unknown): RegisteredJob {
    const type: unknown =
      typeof classOrInstance === 'object' && classOrInstance !== null
        ? (Object.getPrototypeOf(classOrInstance) as { constructor?: unknown } | null)?.constructor
        : classOrInstance;
    const job = this.byClass.get(type);
    if (job) return job;
    if (typeof type === 'string') throw InvalidJobError.byName(type);
    if (!isJobClass(type)) throw InvalidJobError.notDecorated(classOrInstance, inheritedJob(type)?.name);
    const isComplete = this.source?.explore() ?? true;
    const found = this.byClass.get(type);
    if (found) return found;
    throw isComplete ? InvalidJobError.notRegistered(type.name) : new NotInitializedError(type.name);
  }

  /** Returns the names of all job classes, sorted. */
  names(): string[] {
    this.look();
    return [...this.byName.keys()].toSorted();
  }

  /** Returns the queues that job classes name, sorted. */
  queues(): string[] {
    this.look();
    const named = [...this.byName.values()].map(({ options }) => options.queue);
    return [...new Set(named.filter((queue) => queue !== undefined))].toSorted();
  }

  private search(name: string): RegisteredJob | undefined {
    this.look();
    return this.byName.get(name);
  }

  /** Looks for further job classes. A wrong class must not end what other classes do: a worker, or the run of a job. */
  private look(): void {
    try {
      this.source?.explore();
    } catch (error) {
      this.source?.report(error);
    }
  }
}
