import type { BatchKey } from '../drivers/queue-batches.interface.js';
import { FLOW_CALLBACKS, type FlowCallback, type FlowJob } from '../drivers/queue-flows.interface.js';
import { flowRef } from '../job/flow-ref.js';
import { assertJobId, createJobId } from '../job/job-id.js';
import { InvalidFlowError } from '../queue.errors.js';
import { boolean } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';
import { slices } from '../support/slices.js';
import { BatchFeed } from './batch-feed.js';
import { inParts, PART, readBatchJobs } from './batch-jobs.js';
import type { FlowParts } from './flow-dispatch.js';
import { FlowJobs } from './flow-jobs.js';
import { readFlowOptions, type BatchJobs, type BatchOptions } from './flow-options.js';

/** A batch that was dispatched. */
export interface DispatchedBatch {
  readonly id: string;
  /** How many jobs it has. */
  readonly total: number;
}

/** Dispatches batches, adds jobs to them, and retries them. */
export class BatchDispatch {
  constructor(private readonly parts: FlowParts) {}

  /** See `QueueManager.batch`. */
  async batch(jobs: BatchJobs, options: BatchOptions): Promise<DispatchedBatch> {
    const { driver, pipeline, codec, clock } = this.parts;
    const { reader, ...checked } = readFlowOptions(options, 'batch options', [
      'name',
      'allowFailures',
      ...FLOW_CALLBACKS,
    ]);
    const allowFailures = reader.get('allowFailures', boolean) ?? false;
    const source = readBatchJobs(jobs);
    const now = Math.floor(clock.now());
    const id = checked.id ?? createJobId(now, '');
    const ref = flowRef('batch', id);
    // The ids of the members follow from the time of the first call.
    const known = checked.id === undefined ? null : await driver.flows.read(ref);
    const makers = new FlowJobs(pipeline, codec, ref, known?.createdAt ?? now, false);
    const callbacks = await this.makeCallbacks(reader, makers);
    // Of a list everything is checked before anything is written.
    const all = Array.isArray(source) ? await this.make(makers, source, 0) : undefined;
    const { name, retention } = checked;
    const { createdAt } = makers;
    const opened = await driver.batches.open({ ref, name, createdAt, retention, allowFailures, callbacks });
    if (opened.isSealed) return { id, total: opened.total };
    // Another process has opened it in between.
    if (opened.createdAt !== createdAt) return this.batch(jobs, options);
    const key: BatchKey = { ref, createdAt, callbackQueue: Object.values(callbacks)[0]?.queue };
    const memberQueue = await this.feed(key, makers, all ?? source, checked.id === undefined);
    return { id, total: await driver.batches.seal({ ...key, memberQueue }) };
  }

  /** See `QueueManager.addToBatch`. */
  async add(id: string, jobs: unknown): Promise<DispatchedBatch> {
    assertJobId(id);
    const { driver, pipeline, codec, clock } = this.parts;
    const source = readBatchJobs(jobs);
    const ref = flowRef('batch', id);
    const createdAt = Math.floor(clock.now());
    const makers = new FlowJobs(pipeline, codec, ref, createdAt, false);
    const make = (part: readonly unknown[], first: number): Promise<FlowJob[]> =>
      makers.make(part, { ...seatsFrom(first), idFor: (queue) => createJobId(createdAt, queue) });
    let total: number | null | undefined;
    let count = 0;
    const add = async (members: readonly FlowJob[]): Promise<void> => {
      for (const part of slices(members, PART)) {
        total = await driver.batches.add(ref, part);
        if (total === null) throw InvalidFlowError.gone(ref);
      }
    };
    if (Array.isArray(source)) {
      await add(await make(source as unknown[], 0));
    } else {
      for await (const part of inParts(source)) {
        await add(await make(part, count));
        count += part.length;
      }
    }
    // Without a job nothing has told how many there are.
    total ??= (await driver.flows.read(ref))?.total;
    if (total === undefined) throw InvalidFlowError.gone(ref);
    return { id, total };
  }

  /** See `QueueManager.retryBatch`. */
  async retry(id: string): Promise<number> {
    assertJobId(id);
    return this.parts.driver.batches.retry(flowRef('batch', id));
  }

  /** Feeds all members. If that fails, a batch whose id nobody else knows is cancelled: nobody can continue it. @returns the queue of the first one */
  private async feed(
    key: BatchKey,
    makers: FlowJobs,
    source: BatchJobs | readonly FlowJob[],
    cancels: boolean,
  ): Promise<string | undefined> {
    const { batches, flows } = this.parts.driver;
    const feed = new BatchFeed(batches, key);
    try {
      if (Array.isArray(source)) {
        for (const part of slices(source as FlowJob[], PART)) await feed.add(part);
      } else {
        for await (const part of inParts(source as BatchJobs))
          await feed.add(await this.make(makers, part, feed.count));
      }
      await feed.end();
      return feed.queue;
    } catch (error) {
      await feed.settled();
      if (cancels) {
        // The first error says more than one of these.
        await flows
          .cancel(key.ref)
          .then(
            () => batches.seal(key),
            () => undefined,
          )
          .catch(() => undefined);
      }
      throw error;
    }
  }

  private make(makers: FlowJobs, jobs: unknown, first: number): Promise<FlowJob[]> {
    return makers.make(jobs as unknown[], seatsFrom(first));
  }

  private async makeCallbacks(
    reader: OptionReader,
    makers: FlowJobs,
  ): Promise<Readonly<Partial<Record<FlowCallback, FlowJob>>>> {
    const names = FLOW_CALLBACKS.filter((name) => reader.raw(name) !== undefined);
    const made = await makers.make(
      names.map((name) => reader.raw(name)),
      { seatOf: (index) => names[index]!, pathOf: (index) => reader.at(names[index]!) },
    );
    return Object.fromEntries(names.map((name, index) => [name, made[index]!]));
  }
}

function seatsFrom(first: number) {
  return { first, seatOf: (index: number) => first + index, pathOf: (index: number) => `jobs[${first + index}]` };
}
