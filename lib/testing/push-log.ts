import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import type { FlowJob, NewFlow } from '../drivers/queue-flows.interface.js';
import type { JobRegistry } from '../discovery/job.registry.js';
import { isFlowOf } from '../job/flow-ref.js';
import type { JobCodec } from '../job/job-codec.js';
import { isJobDefinition } from '../job/job-definition.js';
import { isJobSpec } from '../job/job-spec.interface.js';
import { describe } from '../support/describe.js';
import type { PushRecorder } from './push-recorder.js';
import { readPush, type PushedBatch, type PushedJob } from './pushed-job.js';

/** The most characters of the data of a job in a message. */
const MOST_DATA = 200;
/** The most jobs in a message. */
const MOST_JOBS = 20;

/** A job of a chain as a test expects it. */
interface ExpectedJob {
  readonly name: string;
  /** Missing if any data will do. */
  readonly data?: unknown;
}

/** Reads what was recorded, and fails with a message that shows it. */
export class PushLog {
  constructor(
    private readonly recorder: PushRecorder,
    private readonly codec: JobCodec,
    private readonly registry: JobRegistry,
  ) {}

  get all(): PushedJob[] {
    return this.recorder.pushes.map((push) => readPush(this.codec, push));
  }

  /** @throws InvalidJobError if the class is no job, or is not registered */
  nameOf(job: unknown): string {
    if (typeof job === 'string') return job;
    return isJobDefinition(job) ? job.name : this.registry.get(job).name;
  }

  of(job: unknown): PushedJob[] {
    const name = this.nameOf(job);
    return this.all.filter((pushed) => pushed.name === name);
  }

  /** Returns the jobs of each chain. */
  get chains(): PushedJob[][] {
    return this.recorder.flows.filter(({ ref }) => isFlowOf('chain', ref)).map((flow) => this.jobsOf(flow));
  }

  get batches(): PushedBatch[] {
    return [...this.recorder.batches.values()].map(({ batch, members, added }) => {
      const { ref, name, allowFailures, callbacks = {} } = batch;
      const read = (job: FlowJob | undefined): PushedJob | undefined => job && readPush(this.codec, job);
      const jobs = [...members, ...added].map((job) => readPush(this.codec, job));
      const [then, failed, ended] = [read(callbacks.then), read(callbacks.catch), read(callbacks.finally)];
      return { id: ref.slice(1), name, allowFailures, jobs, then, catch: failed, finally: ended };
    });
  }

  /** Returns true if these are the expected jobs, in this order. */
  matches(jobs: readonly PushedJob[], expected: readonly ExpectedJob[]): boolean {
    return (
      jobs.length === expected.length &&
      jobs.every(({ name, data }, at) => {
        const each = expected[at]!;
        return each.name === name && (!('data' in each) || isDeepStrictEqual(data, each.data));
      })
    );
  }

  /** Reads a job that a test expects: a class, a definition or a name stands for any data. */
  expected(job: unknown): ExpectedJob {
    if (isJobSpec(job)) {
      if (typeof job.job !== 'object' || isJobDefinition(job.job)) {
        return { name: this.nameOf(job.job), data: this.stored(job.data) };
      }
      return this.expected(job.job);
    }
    if (typeof job !== 'object' || job === null || isJobDefinition(job)) return { name: this.nameOf(job) };
    const registered = this.registry.get(job);
    return { name: registered.name, data: this.stored(registered.dehydrate(job)) };
  }

  /**
   * Fails an assertion.
   *
   * @param assertion its name
   * @param method its method: the stack begins where it was called
   */
  fail(expected: string, actual: unknown, wanted: unknown, assertion: string, method: object): never {
    throw new AssertionError({
      message: `Expected ${expected}.\n${this.describe()}`,
      actual,
      expected: wanted,
      operator: assertion,
      stackStartFn: method as () => void,
    });
  }

  /** Shows jobs. */
  list(jobs: readonly PushedJob[], otherwise: string): string {
    if (jobs.length === 0) return otherwise;
    const lines = jobs.slice(0, MOST_JOBS).map((job) => `  ${describeJob(job)}`);
    const more = jobs.length > MOST_JOBS ? [`  and ${jobs.length - MOST_JOBS} more`] : [];
    return [...lines, ...more].join('\n');
  }

  private describe(): string {
    const { all, chains, batches } = this;
    const flows = [
      ...chains.map((jobs) => `  chain: ${jobs.map(({ name }) => name).join(', ')}`),
      ...batches.map(({ name = 'without a name', jobs }) => `  batch ${name}: ${jobs.length} jobs`),
    ];
    const pushed = `Pushed were:\n${this.list(all, '  no jobs')}`;
    return flows.length > 0 ? `${pushed}\n${flows.join('\n')}` : pushed;
  }

  private jobsOf({ nodes }: NewFlow): PushedJob[] {
    return nodes.map((node) => readPush(this.codec, node));
  }

  /** Returns data as it comes back from the storage. */
  private stored(data: unknown): unknown {
    const job = { id: 'expected', form: 'handler', name: 'expected', options: {}, data } as const;
    return this.codec.decodeData(this.codec.decode(job.id, this.codec.encode(job).body));
  }
}

function describeJob({ name, queue, delay, data }: PushedJob): string {
  const after = delay > 0 ? `, in ${delay} s` : '';
  return `${name} (queue ${queue}${after}): ${describeData(data)}`;
}

function describeData(data: unknown): string {
  const text = textOf(data);
  return text.length > MOST_DATA ? `${text.slice(0, MOST_DATA)}...` : text;
}

function textOf(data: unknown): string {
  try {
    return JSON.stringify(data) ?? 'no data';
  } catch {
    // Another serializer may have stored what JSON cannot hold.
    return describe(data);
  }
}
