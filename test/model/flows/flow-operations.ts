import fc from 'fast-check';
import { FLOW_CALLBACKS, type FlowCallback } from '../../../lib/drivers/queue-flows.interface.js';
import { graphs, settlementOf, type Fate, type Graph } from '../../support/flow-graphs.js';
import { expectSame, expectThat } from '../mismatch.js';
import type { FlowModel, ModelFlow, ModelJob } from './flow-model.js';
import { QUEUES, type FlowWorld } from './flow-world.js';

/** The most members that are fed to a batch. */
const SIZE = 9;
const FATES: readonly Fate[] = [
  'complete',
  'complete',
  'complete',
  'retry',
  'fail',
  'fail',
  'release',
  'cancel',
  'requeue',
];
const WAITING = ['queued', 'delayed', 'retrying'] as const;

type Plain = 'seal' | 'add' | 'retry batch' | 'retry' | 'drop' | 'cancel' | 'cancel flow' | 'again';

/** What happens next. A `pick` chooses among what is there. */
export type Operation =
  | { readonly kind: 'create'; readonly graph: Graph; readonly callbacks: readonly FlowCallback[] }
  | { readonly kind: 'open'; readonly allowFailures: boolean; readonly callbacks: readonly FlowCallback[] }
  | { readonly kind: 'claim'; readonly queue: number; readonly limit: number }
  | { readonly kind: 'settle'; readonly pick: number; readonly fate: Fate }
  | { readonly kind: 'feed'; readonly pick: number; readonly from: number; readonly count: number }
  | { readonly kind: Plain; readonly pick: number };

const callbacks = fc.oneof(fc.constant([]), fc.subarray([...FLOW_CALLBACKS]));
const pick = fc.nat(30);

const creations = fc.oneof<fc.Arbitrary<Operation>[]>(
  fc.record({ kind: fc.constant('create' as const), graph: graphs, callbacks }),
  fc.record({ kind: fc.constant('open' as const), allowFailures: fc.boolean(), callbacks }),
);
const claims = fc.record({
  kind: fc.constant('claim' as const),
  queue: fc.nat(2),
  limit: fc.integer({ min: 1, max: 3 }),
});
const settlements = fc.record({ kind: fc.constant('settle' as const), pick, fate: fc.constantFrom(...FATES) });
const feeds = fc.record({ kind: fc.constant('feed' as const), pick, from: fc.nat(SIZE), count: fc.nat(5) });
const plain = (...kinds: Plain[]) => fc.record({ kind: fc.constantFrom(...kinds), pick });
const often = (weight: number, arbitrary: fc.Arbitrary<Operation>) => ({ weight, arbitrary });

/** Begins with a flow. */
export const operations: fc.Arbitrary<readonly Operation[]> = fc
  .tuple(
    creations,
    fc.array(
      fc.oneof(
        often(2, creations),
        often(8, claims),
        often(10, settlements),
        often(6, feeds),
        often(6, plain('seal', 'add', 'retry batch', 'retry', 'again')),
        often(2, plain('drop', 'cancel')),
        often(1, plain('cancel flow')),
      ),
      { minLength: 15, maxLength: 45, size: 'max' },
    ),
  )
  .map(([first, others]) => [first].concat(others));

/** Lets operations act on a driver and on the model. */
export class FlowOperations {
  private readonly opened = new Map<ModelFlow, { readonly again: () => Promise<void>; size: number; added: number }>();

  constructor(
    private readonly world: FlowWorld,
    private readonly model: FlowModel,
    /** No two runs have flows of one name. */
    private readonly run: string,
  ) {}

  async act(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'create':
        return this.create(operation.graph, operation.callbacks);
      case 'open':
        return this.open(operation.allowFailures, operation.callbacks);
      case 'claim':
        return this.claim(QUEUES[operation.queue]!, operation.limit);
      case 'settle':
        return this.with(this.model.jobsAt('held'), operation.pick, (job) => this.settle(job, operation.fate));
      case 'feed':
        return this.with(this.batches(false), operation.pick, (batch) =>
          this.feed(batch, operation.from, operation.from + operation.count),
        );
      case 'seal':
        return this.with(this.batches(false), operation.pick, (batch) => this.seal(batch));
      case 'add':
        return this.with(this.batches(), operation.pick, (batch) => this.add(batch));
      case 'retry batch':
        return this.with(this.batches().filter(canRetry), operation.pick, (batch) => this.retryBatch(batch));
      case 'retry':
        return this.with(
          this.model.jobsAt('failed').filter(({ flow }) => canRetry(flow)),
          operation.pick,
          (job) => this.retry(job),
        );
      case 'drop':
      case 'cancel':
        return this.with(this.model.jobsAt('ready'), operation.pick, (job) => this.end(job, operation.kind as 'drop'));
      case 'cancel flow':
        return this.with(this.model.flows, operation.pick, (flow) => this.cancelFlow(flow));
      case 'again':
        return this.with(this.model.flows, operation.pick, (flow) => this.opened.get(flow)!.again());
    }
  }

  /** Runs all to their ends. */
  async finish(): Promise<void> {
    for (const batch of this.batches(false)) await this.seal(batch);
    for (;;) {
      await this.world.settled();
      for (const job of this.model.jobsAt('held')) await this.settle(job, 'complete');
      await this.world.settled();
      const before = this.model.jobsAt('ready').length;
      if (before === 0 && this.model.jobsAt('held').length === 0) return;
      for (const queue of QUEUES) await this.claim(queue, 100);
      const hasRun = this.model.jobsAt('held').length > 0;
      expectThat('members', hasRun, `${before} jobs of the model cannot be claimed`);
    }
  }

  private async with<T>(all: readonly T[], at: number, act: (one: T) => Promise<void>): Promise<void> {
    if (all.length > 0) await act(all[at % all.length]!);
  }

  private batches(isSealed?: boolean): ModelFlow[] {
    return this.model.flows.filter((flow) => flow.isBatch && (isSealed === undefined || flow.isSealed === isSealed));
  }

  private async create(graph: Graph, names: readonly FlowCallback[]): Promise<void> {
    const ref = `${graph.isChain ? 'c' : 'w'}${this.run}-${this.model.flows.length}`;
    const flow = this.model.add({
      ref,
      isBatch: false,
      isChain: graph.isChain,
      allowFailures: true,
      callbacks: placesOf(names),
      isSealed: true,
    });
    const again = (): Promise<void> => this.world.create(ref, graph, names);
    this.opened.set(flow, { again, size: 0, added: 0 });
    await again();
    for (const [node, after] of graph.after.entries())
      this.model.addNode(flow, `${ref}.${node}`, QUEUES[node % 3]!, after);
    this.model.goOn(flow);
  }

  private async open(allowFailures: boolean, names: readonly FlowCallback[]): Promise<void> {
    const ref = `b${this.run}-${this.model.flows.length}`;
    const flow = this.model.add({
      ref,
      isBatch: true,
      isChain: false,
      allowFailures,
      callbacks: placesOf(names),
      isSealed: false,
    });
    const again = (): Promise<void> => this.world.open(ref, allowFailures, names);
    this.opened.set(flow, { again, size: 0, added: 0 });
    await again();
  }

  private async claim(queue: string, limit: number): Promise<void> {
    for (const job of await this.world.consumer(queue).claim(limit)) {
      const name = this.world.nameOf(job.id);
      const known = this.model.jobs.get(name);
      expectThat(
        'members',
        known?.place === 'ready',
        `${name} (${job.id}) was claimed and is ${known?.place ?? 'no job'}`,
      );
      expectSame('answer', `the record of ${name}`, job.body, this.world.bodyOf(name, beforeOf(known!)));
      known!.place = 'held';
      this.world.claimed.set(name, job);
    }
  }

  private async settle(job: ModelJob, wanted: Fate): Promise<void> {
    const { name, queue } = job;
    const fate = possible(job, wanted);
    const claimed = this.world.claimed.get(name)!;
    this.world.claimed.delete(name);
    const result = fate === 'complete' && isOfChain(job) ? { result: this.world.resultOf(name) } : {};
    const { refused } = await this.world.consumer(queue).settle({ ...settlementOf(claimed, fate), ...result });
    expectSame('answer', `the refusals of ${fate} of ${name}`, refused, []);
    if (fate === 'complete') this.model.complete(job);
    else if (fate === 'fail') this.model.fail(job);
    else if (fate === 'cancel') this.model.end(job);
    else this.model.putBack(job);
  }

  private async feed(batch: ModelFlow, from: number, to: number): Promise<void> {
    const last = Math.min(to, SIZE);
    await this.world.feed(batch.ref, from, last);
    for (let node = from; node < last; node++) {
      const name = `${batch.ref}.${node}`;
      if (!batch.nodes.some((each) => each.name === name)) this.model.addNode(batch, name, QUEUES[node % 3]!);
    }
    const state = this.opened.get(batch)!;
    state.size = Math.max(state.size, last);
    this.model.goOn(batch);
  }

  /** Members with lower numbers than others must not be missing. */
  private async seal(batch: ModelFlow): Promise<void> {
    await this.feed(batch, 0, this.opened.get(batch)!.size);
    await this.world.settled();
    const total = await this.world.seal(batch.ref);
    expectSame('answer', `the members of ${batch.ref}`, total, batch.nodes.length);
    batch.isSealed = true;
    this.model.goOn(batch);
  }

  private async add(batch: ModelFlow): Promise<void> {
    const state = this.opened.get(batch)!;
    const number = state.added++;
    const total = await this.world.add(batch.ref, number);
    const isRefused = batch.hasEnded || batch.stopped === 'cancelled';
    expectSame(
      'answer',
      `the members after an addition to ${batch.ref}`,
      total,
      isRefused ? null : batch.nodes.length + 1,
    );
    if (isRefused) return;
    // It is pushed, and cancelled then if a failure has stopped the batch.
    batch.nodes.push({ name: `${batch.ref}.x${number}`, queue: QUEUES[number % 3]!, after: [], state: 'waiting' });
    this.model.goOn(batch);
  }

  private async retryBatch(batch: ModelFlow): Promise<void> {
    const count = await this.world.driver.batches.retry(batch.ref);
    expectSame('answer', `the retry of ${batch.ref}`, count, this.model.retryBatch(batch));
  }

  private async retry(job: ModelJob): Promise<void> {
    const { failedIds } = (await this.world.driver.flows.read(job.flow.ref))!;
    const id = this.world.idOf(job.name, failedIds);
    expectThat('flows', id !== undefined, `${job.name} has failed and its flow does not know it`);
    const count = await this.world.driver.mending.retry(job.queue, [id!]);
    expectSame('answer', `the retry of ${job.name}`, count, 1);
    this.model.retry(job);
  }

  private async end(job: ModelJob, how: 'drop' | 'cancel'): Promise<void> {
    const { driver } = this.world;
    const id = this.world.idOf(job.name, await this.world.live(job.queue));
    expectThat('members', id !== undefined, `${job.name} is not there`);
    const count =
      how === 'drop'
        ? await driver.mending.remove(job.queue, [id!], WAITING)
        : (await driver.cancellations.cancelSome(job.queue, [id!], Infinity)).ended.length;
    expectSame('answer', `${how} ${job.name}`, count, 1);
    this.model.end(job);
  }

  private async cancelFlow(flow: ModelFlow): Promise<void> {
    const isDone = await this.world.driver.flows.cancel(flow.ref);
    expectSame('answer', `the cancellation of ${flow.ref}`, isDone, this.model.cancel(flow));
  }
}

/** A callback completes, and a cancelled job ends. */
function possible({ node, isCancelled }: ModelJob, wanted: Fate): Fate {
  if (node === undefined) return 'complete';
  return isCancelled && wanted !== 'complete' ? 'cancel' : wanted;
}

function isOfChain({ flow, node }: ModelJob): boolean {
  return node !== undefined && flow.isChain;
}

/** The name of the job before this one in its chain. */
function beforeOf(job: ModelJob): string | undefined {
  return isOfChain(job) ? job.flow.nodes[job.flow.nodes.indexOf(job.node!) - 1]?.name : undefined;
}

/** The seal of a cancelled batch cancels what was pushed meanwhile. Whether that holds for what was put back is not promised. */
function canRetry({ isBatch, isSealed, stopped }: ModelFlow): boolean {
  return !isBatch || isSealed || stopped !== 'cancelled';
}

/** The queue of each callback. */
function placesOf(names: readonly FlowCallback[]): Map<FlowCallback, string> {
  return new Map(names.map((name, index) => [name, QUEUES[index]!]));
}
