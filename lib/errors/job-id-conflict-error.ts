import { QueueError } from './queue-error.js';

/** One id that another job has. */
export interface IdConflict {
  readonly id: string;
  /** The job that was pushed. */
  readonly asked: { readonly name: string; readonly queue: string };
  /** The job that has the id. Its name is missing if the storage does not know it. */
  readonly found: { readonly name?: string; readonly queue: string };
}

/**
 * The id of a push belongs to another job: a job of another name, or in another queue. The push has added nothing. Of a bulk
 * push the other jobs are stored.
 */
export class JobIdConflictError extends QueueError {
  override name = 'JobIdConflictError';

  /** The ids that conflict. */
  readonly ids: readonly string[];

  constructor(
    readonly conflicts: readonly IdConflict[],
    /** All ids of the call, in the order of its data. Jobs that are not in {@link ids} are stored. */
    readonly allIds: readonly string[] = conflicts.map(({ id }) => id),
  ) {
    const { id, asked, found } = conflicts[0]!;
    const holder = found.name === undefined ? 'a job' : `job ${found.name}`;
    const others = conflicts.length > 1 ? ` (and ${conflicts.length - 1} more ids conflict)` : '';
    super(
      'ERR_JOB_ID_CONFLICT',
      `Job ${asked.name} cannot have the id ${JSON.stringify(id)} in queue ${asked.queue}: ${holder} in queue ${found.queue} has it${others}`,
    );
    this.ids = conflicts.map((conflict) => conflict.id);
  }

  /** The id that conflicts, or the first one of several. */
  get jobId(): string {
    return this.conflicts[0]!.id;
  }

  /** The job that was pushed with {@link jobId}. */
  get asked(): IdConflict['asked'] {
    return this.conflicts[0]!.asked;
  }

  /** The job that has {@link jobId}. */
  get found(): IdConflict['found'] {
    return this.conflicts[0]!.found;
  }
}
