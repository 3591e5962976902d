import type { JobRegistry } from '../discovery/job.registry.js';
import type { RegisteredJob } from '../discovery/registered-job.interface.js';
import { createJobId } from '../job/job-id.js';
import type { JobForm } from '../job/job-record.js';
import { InvalidJobError, InvalidOptionError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import type { Clock } from '../support/clock.js';
import type { AddressedJob } from './bulk-push.js';
import { readDelay } from './delay.js';
import { JobEncoder } from './job-encoder.js';
import { readTarget, type PushTarget } from './push-target.js';

/** A push, checked and ready to be sent. */
export interface Dispatch extends AddressedJob {
  /** Whether the id came from the application. */
  readonly unique: boolean;
}

const NO_DELAY = { option: 'delay', why: 'none (it is an argument of later() already)' } as const;
const NO_ID = { option: 'id', why: 'none (each job of pushMany() gets its own; push() takes one)' } as const;

/**
 * Reads and checks what the dispatching methods of the manager are given, in both forms: a class with data beside it,
 * or an instance that carries its data. Nothing is written here.
 */
export class JobDispatch {
  private readonly encoder: JobEncoder;

  constructor(
    private readonly registry: JobRegistry,
    private readonly options: ResolvedQueueOptions,
    private readonly clock: Clock,
  ) {
    this.encoder = new JobEncoder(options.serializer, options.maxPayloadSize);
  }

  /** `(class, data, to?)` or `(instance, to?)` */
  prepare(job: unknown, args: readonly unknown[]): Dispatch {
    const to = typeof job === 'function' ? args[1] : args[0];
    return this.prepareOne(job, args[0], readTarget(to, this.clock.now()));
  }

  /** `(class, data, delay, to?)` or `(instance, delay, to?)` */
  prepareLater(job: unknown, args: readonly unknown[]): Dispatch {
    const [delay, to] = typeof job === 'function' ? args.slice(1) : args;
    const now = this.clock.now();
    const target = { ...readTarget(to, now, NO_DELAY), delay: readDelay(delay, now) };
    return this.prepareOne(job, args[0], target);
  }

  /** `(class, dataList, to?)` or `(instances, to?)` */
  prepareMany(jobs: unknown, args: readonly unknown[]): AddressedJob[] {
    const now = this.clock.now();
    if (typeof jobs !== 'function') {
      const target = readTarget(args[0], now, NO_ID);
      return readList('jobs', jobs).map((job) => this.prepareCarrier(job, target));
    }
    const target = readTarget(args[1], now, NO_ID);
    const registered = this.registry.get(jobs);
    registered.assertTakesData();
    return readList('dataList', args[0]).map((data) => this.address(registered, 'handler', data, target));
  }

  private prepareOne(job: unknown, data: unknown, target: PushTarget): Dispatch {
    if (typeof job !== 'function') return this.prepareCarrier(job, target);
    const registered = this.registry.get(job);
    registered.assertTakesData();
    return this.address(registered, 'handler', data, target);
  }

  private prepareCarrier(job: unknown, target: PushTarget): Dispatch {
    const registered = this.registry.get(job);
    if (typeof job === 'function') throw InvalidJobError.noInstance(registered.jobClass.name);
    return this.address(registered, 'instance', registered.dehydrate(job as object), target);
  }

  private address(job: RegisteredJob, form: JobForm, payload: unknown, target: PushTarget): Dispatch {
    const { body, size } = this.encoder.encode(job, form, payload, target.options);
    const queue = target.queue ?? job.options.queue ?? this.options.default;
    const id = target.id ?? createJobId(this.clock.now(), queue);
    return {
      queue,
      unique: target.id !== undefined,
      job: { id, body, delay: target.delay },
      size,
    };
  }
}

function readList(name: string, list: unknown): unknown[] {
  if (!Array.isArray(list)) throw new InvalidOptionError(name, 'a list', list);
  // A copy, so that what is left out of the list is `undefined` like the rest.
  return Array.from(list as unknown[]);
}
