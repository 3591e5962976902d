import type { StoredPush } from '../drivers/array/array.driver.js';
import type { NewBatch } from '../drivers/queue-batches.interface.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { FlowJob, NewFlow } from '../drivers/queue-flows.interface.js';

/** The recorders of the drivers under test. */
const recorders = new WeakMap<object, PushRecorder>();

/** A batch with its members, by their numbers, and those that were added later. */
export interface RecordedBatch {
  readonly batch: NewBatch;
  readonly members: FlowJob[];
  readonly added: FlowJob[];
}

/** Keeps what was pushed to a driver under test, also what was pushed by jobs, chains and schedules. */
export class PushRecorder {
  readonly pushes: StoredPush[] = [];
  readonly flows: NewFlow[] = [];
  readonly batches = new Map<string, RecordedBatch>();

  /** Takes a job that the driver has added. */
  readonly add = (push: StoredPush): void => {
    this.pushes.push(push);
  };

  /** Records the flows of a driver, too. */
  watch(driver: QueueDriver): QueueDriver {
    this.watchBatches(driver);
    const { flows } = driver;
    const create = flows.create.bind(flows);
    flows.create = async (flow) => {
      const creation = await create(flow);
      if (creation.isNew) this.flows.push(flow);
      return creation;
    };
    recorders.set(driver, this);
    return driver;
  }

  private watchBatches({ batches }: QueueDriver): void {
    const [open, feed, add] = [batches.open.bind(batches), batches.feed.bind(batches), batches.add.bind(batches)];
    batches.open = async (batch) => {
      const opened = await open(batch);
      if (!this.batches.has(batch.ref)) this.batches.set(batch.ref, { batch, members: [], added: [] });
      return opened;
    };
    batches.feed = async (key, first, members, ...rest) => {
      await feed(key, first, members, ...rest);
      for (const [index, member] of members.entries()) this.batches.get(key.ref)!.members[first + index] ??= member;
    };
    batches.add = async (ref, members) => {
      const total = await add(ref, members);
      if (total !== null) this.batches.get(ref)?.added.push(...members);
      return total;
    };
  }
}

/** Returns the recorder of a driver; `undefined` if it is not under test. */
export function recorderOf(driver: unknown): PushRecorder | undefined {
  return typeof driver === 'object' && driver !== null ? recorders.get(driver) : undefined;
}
