import type { ClaimedJob, QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import type { BatchKey } from '../../../lib/drivers/queue-batches.interface.js';
import type { FlowCallback, FlowJob, FlowNode } from '../../../lib/drivers/queue-flows.interface.js';
import type { StorageObserver } from '../../../lib/drivers/storage-observer.interface.js';
import { memberId } from '../../../lib/job/flow-ref.js';
import { nextJobId } from '../../../lib/job/job-id.js';
import { withPreviousResult } from '../../../lib/job/job-record.js';
import { TestConsumer } from '../../contract/test-consumer.js';
import type { Graph } from '../../support/flow-graphs.js';
import { expectThat } from '../mismatch.js';

export const QUEUES = ['red', 'green', 'blue'] as const;
/** A member gets another id each time when it is put back without a start: so many are known. */
const GENERATIONS = 20;
/** So often all outboxes are looked at, until nothing goes on. */
const LOOKS = 2;
const CREATED = Date.UTC(2026, 0);
const RETENTION = 86_400;

/** A driver under test, and what its jobs and flows are called in the model. */
export class FlowWorld implements StorageObserver {
  /** While somebody listens to pushes, the script of a flow leaves them to its caller. */
  hearsPushes = true;
  /** While somebody listens to ends, the script of a flow replies with them. */
  hearsEnds = true;
  /** How often the end of each flow was told. */
  readonly ends = new Map<string, number>();
  readonly claimed = new Map<string, ClaimedJob>();
  private readonly names = new Map<string, string>();
  private readonly consumers: ReadonlyMap<string, TestConsumer>;

  constructor(readonly driver: QueueDriver) {
    driver.observe(this);
    const consume = (queue: string) => new TestConsumer(driver.consume(queue, { lease: 60, onLost: () => undefined }));
    this.consumers = new Map(QUEUES.map((queue) => [queue, consume(queue)]));
  }

  pushed(_queue: string, jobs: Parameters<StorageObserver['pushed']>[1]): void {
    for (const { id } of jobs) this.nameOf(id);
  }

  ended(ref: string): undefined {
    this.ends.set(ref, (this.ends.get(ref) ?? 0) + 1);
  }

  consumer(queue: string): TestConsumer {
    return this.consumers.get(queue)!;
  }

  nameOf(id: string): string {
    const name = this.names.get(id);
    expectThat('members', name !== undefined, `nobody knows the job ${id}`);
    return name!;
  }

  /** Returns the id that the job of a name has now, as far as jobs are live or have failed. */
  idOf(name: string, ids: readonly string[]): string | undefined {
    return ids.find((id) => this.names.get(id) === name);
  }

  async create(ref: string, { after, isChain }: Graph, callbacks: readonly FlowCallback[]): Promise<void> {
    const nodes = after.map((before, node): FlowNode => {
      const job = this.job(`${ref}.${node}`, QUEUES[node % 3]!);
      return isChain ? job : { ...job, after: before, name: `n${node}` };
    });
    const flow = { ref, createdAt: CREATED, retention: RETENTION, nodes, callbacks: this.callbacks(ref, callbacks) };
    await this.driver.flows.create(flow);
  }

  async open(ref: string, allowFailures: boolean, callbacks: readonly FlowCallback[]): Promise<void> {
    const batch = { ref, createdAt: CREATED, retention: RETENTION, allowFailures };
    await this.driver.batches.open({ ...batch, callbacks: this.callbacks(ref, callbacks) });
  }

  async feed(ref: string, from: number, to: number): Promise<void> {
    if (from >= to) return;
    const members = Array.from({ length: to - from }, (_, index): FlowJob => {
      const node = from + index;
      const queue = QUEUES[node % 3]!;
      return this.job(`${ref}.${node}`, queue, memberId(ref, CREATED, queue, node), GENERATIONS);
    });
    await this.driver.batches.feed(this.key(ref), from, members, 0);
  }

  async seal(ref: string): Promise<number> {
    return this.driver.batches.seal(this.key(ref));
  }

  async add(ref: string, number: number): Promise<number | null> {
    const id = `${ref}.x${number}`.padEnd(20, 'x');
    const job = this.job(`${ref}.x${number}`, QUEUES[number % 3]!, id, GENERATIONS);
    return this.driver.batches.add(ref, [job]);
  }

  /** Waits until nothing goes on. */
  async settled(): Promise<void> {
    for (let look = 0; look < LOOKS; look++) {
      for (const consumer of this.consumers.values()) await consumer.poll();
      await this.driver.flows.settled();
    }
  }

  /** The ids of the jobs of a queue that have not ended. */
  async live(queue: string): Promise<string[]> {
    const { jobs } = await this.driver.cancellations.live(queue, { limit: 1_000, headers: false });
    return jobs.map(({ id }) => id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.close()));
    await this.driver.close();
  }

  /** The record of a job, and that of a job of a chain which follows a completed one. */
  bodyOf(name: string, before?: string): string {
    const body = `hJob\n${JSON.stringify(name)}`;
    return before === undefined ? body : withPreviousResult(body, this.resultOf(before));
  }

  /** The result of a job of a chain. */
  resultOf(name: string): string {
    return `"the result of ${name}"`;
  }

  private key(ref: string): BatchKey {
    return { ref, createdAt: CREATED, callbackQueue: QUEUES[0], memberQueue: QUEUES[1] };
  }

  private callbacks(ref: string, names: readonly FlowCallback[]): Partial<Record<FlowCallback, FlowJob>> {
    return Object.fromEntries(names.map((name, index) => [name, this.job(`${ref}.${name}`, QUEUES[index]!)]));
  }

  private job(name: string, queue: string, first = name, generations = 1): FlowJob {
    for (let [id, count] = [first, 0]; count < generations; count++) {
      this.names.set(id, name);
      if (count + 1 < generations) id = nextJobId(id);
    }
    return { id: first, queue, body: this.bodyOf(name), delay: 0 };
  }
}
