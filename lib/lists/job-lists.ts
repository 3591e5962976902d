import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { LIST_PLACES, PLACES_OF_STATE, type StoredJob } from '../drivers/queue-lists.interface.js';
import { AttemptPolicy } from '../job/attempt-policy.js';
import { JobCodec, type CodecOptions } from '../job/job-codec.js';
import { assertJobId } from '../job/job-id.js';
import type { OwnAttemptOptions } from '../job/job-options.js';
import type { RecordOptions } from '../job/job-record.js';
import type { ListedState } from '../job/job-status.js';
import { assertQueueName } from '../job/queue-name.js';
import type { ResolvedJobDefaults } from '../queue.options.js';
import { DetailsMaker, type DetailsReaders } from './details-maker.js';
import type { JobDetails } from './job-details.js';
import { readCursor, writeCursor, type WalkPosition } from './list-cursor.js';
import { readListOptions, type JobListOptions, type ListRequestOptions } from './list-options.js';

/**
 * The most requests to the storage for one page, each of which looks at up to 500 jobs. Not counted are those that only leave jobs out, and
 * those that reach the end of a place: there are few places.
 */
const REQUESTS = 5;

/** A page of jobs. */
export interface JobList<Data = unknown> {
  readonly jobs: readonly JobDetails<Data>[];
  /** How many jobs the whole list has; missing with a filter, and if the storage cannot tell it quickly. */
  readonly total?: number;
  /** For the next page; missing after the last one. A page with a cursor may have few jobs, or none. */
  readonly cursor?: string;
}

/** The job classes that this process knows, by name. */
export interface KnownClasses {
  find(name: string): { readonly options: OwnAttemptOptions } | undefined;
}

export type ListsOptions = CodecOptions & { readonly jobs: ResolvedJobDefaults };

/** Reads jobs, one by one or page by page. */
export class JobLists {
  private readonly details: DetailsMaker;

  constructor(
    private readonly driver: Pick<QueueDriver, 'lists' | 'mending'>,
    options: ListsOptions,
    classes: KnownClasses,
    readers: Pick<DetailsReaders, 'results' | 'readProgress'>,
  ) {
    const maxTriesOf = (name: string, push: RecordOptions): number | undefined => {
      const known = classes.find(name);
      return known ? new AttemptPolicy(options.jobs).maxTries(push, known.options) : push.maxTries;
    };
    this.details = new DetailsMaker({ ...readers, codec: new JobCodec(options), maxTriesOf });
  }

  /** See `QueueAdmin.jobs`. */
  async jobs(
    queue: string,
    state: ListedState | readonly ListedState[],
    options: JobListOptions = {},
  ): Promise<JobList> {
    assertQueueName(queue);
    const request = readListOptions(state, options);
    const { name, tag, search } = request.filter;
    const isFiltered = (name ?? tag ?? search) !== undefined;
    const places = placesOf(request);
    const start = request.cursor === undefined ? undefined : readCursor(request.cursor, request.order, places);
    const [{ jobs, end }, total] = await Promise.all([
      this.walk(queue, request, start ?? { place: places[0]!, skip: request.offset }),
      isFiltered ? undefined : this.driver.lists.total(queue, request.states),
    ]);
    return {
      jobs: jobs.map((job) => this.details.make(job)),
      ...(total !== undefined && { total }),
      ...(end && { cursor: writeCursor(request.order, end) }),
    };
  }

  /** See `QueueAdmin.job`. */
  async job(id: string): Promise<JobDetails | null> {
    assertJobId(id);
    const queues = await this.driver.mending.queuesOf([id]);
    const job = await this.driver.lists.find(id, [...queues.keys()]);
    return job && this.details.make(job);
  }

  /** Goes through the places of a list until the page is full. @returns `end`: where the next page begins, if there is one */
  private async walk(
    queue: string,
    request: ListRequestOptions,
    start: WalkPosition,
  ): Promise<{ jobs: StoredJob[]; end?: WalkPosition }> {
    const { states, order, limit, filter } = request;
    const places = placesOf(request);
    const found = new Map<string, StoredJob>();
    let { skip, from } = start;
    let at = places.indexOf(start.place);
    for (let requests = 0; at < places.length;) {
      const place = places[at]!;
      const left = limit - found.size;
      if (left === 0 || requests === REQUESTS) return { jobs: [...found.values()], end: { place, skip, from } };
      const page = await this.driver.lists.page(queue, {
        place,
        states,
        order,
        limit: left,
        skip,
        cursor: from,
        filter,
      });
      skip -= page.skipped;
      // A job that moved between two requests may be in both places.
      for (const job of page.jobs) found.set(job.id, job);
      from = page.cursor;
      if (!from) at++;
      // With a bounded offset there is a bounded number of other requests.
      else if (page.skipped === 0) requests++;
    }
    return { jobs: [...found.values()] };
  }
}

/** Returns the places where the jobs of a list are, in the order of the list. */
function placesOf({ states, order }: ListRequestOptions) {
  const places = LIST_PLACES.filter((place) => states.some((state) => PLACES_OF_STATE[state].includes(place)));
  return order === 'oldest' ? places : places.toReversed();
}
