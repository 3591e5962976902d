/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, Job, jobSpec } from 'nestjs-job-queue';
import type { JobContext, JobDefinition, JobHandlerOf, JobInterface, JobSpec, QueueManager } from 'nestjs-job-queue';

interface Order {
  order: string;
}
interface Parcel {
  parcel: string;
}

const Ship = defineJob<Order, Parcel>('ship', { queue: 'orders', maxTries: 5, retryDelay: '1m' });
const Nothing = defineJob('nothing');
const Maybe = defineJob<Order | undefined>('maybe');
const Anything = defineJob<unknown>('anything');
declare const Lifted: JobDefinition<{ n: number }, void, { n: string }>;

// @ts-expect-error -- the name is the first argument
defineJob('ship', { name: 'other' });
// @ts-expect-error -- no such unit
defineJob('ship', { retryDelay: '1 fortnight' });
defineJob('ship', { backoff: ['1s', 5] });
defineJob('ship', { backoff: (attempt, error) => (error.message === '' ? attempt : '1h') });
// @ts-expect-error -- no such backoff
defineJob('ship', { backoff: 'linear' });
// @ts-expect-error -- a pause of no unit
defineJob('ship', { backoff: ['1 fortnight'] });
// @ts-expect-error -- no such option
defineJob('ship', { queues: 'orders' });

@Job(Ship, { timeout: '1m', backoff: (attempt) => attempt })
export class ShipHandler implements JobHandlerOf<typeof Ship> {
  constructor(readonly parcels: object) {}
  async handle({ order }: Order, job: JobContext): Promise<Parcel> {
    return { parcel: order + job.id };
  }
  failed(_error: Error, { order }: Order): void {
    void order;
  }
}

@Job(Ship)
export class CheckpointHandler implements JobHandlerOf<typeof Ship> {
  async handle(_data: Order, job: JobContext<Order, { line: number }>): Promise<Parcel> {
    await job.checkpoint({ line: (job.checkpointed?.line ?? 0) + 1 });
    return { parcel: job.data.order };
  }
}
@Job(Ship)
export class BareHandler {
  handle = (order: Order): Parcel => ({ parcel: order.order });
}
@Job(Ship)
export class WideHandler {
  handle(_data: { order: unknown }): { parcel: string; weight: number } {
    return { parcel: '', weight: 1 };
  }
}
@Job(Nothing)
export class NothingHandler implements JobHandlerOf<typeof Nothing> {
  async handle(): Promise<void> {}
}
@Job(Lifted)
export class LiftedHandler implements JobHandlerOf<typeof Lifted> {
  handle({ n }: { n: number }): void {
    n.toFixed();
  }
}

// @ts-expect-error -- another result
@Job(Ship)
export class OtherResult {
  handle(_data: Order): number {
    return 5;
  }
}
// @ts-expect-error -- other data
@Job(Ship)
export class OtherData {
  handle(_data: { customer: number }): Parcel {
    return { parcel: '' };
  }
}
// @ts-expect-error -- more data than a push gives
@Job(Ship)
export class NarrowData {
  handle(_data: Order & { express: boolean }): Parcel {
    return { parcel: '' };
  }
}
// @ts-expect-error -- the input of a push, not the data
@Job(Lifted)
export class InputData {
  handle(_data: { n: string }): void {}
}
// @ts-expect-error -- no handle
@Job(Ship)
export class NoHandle {}
// @ts-expect-error -- the queue belongs to the definition
Job(Ship, { queue: 'other' });
// @ts-expect-error -- options beside a name
Job('ship', { maxTries: 1 });

export async function push(queue: QueueManager, kept: readonly Order[]): Promise<void> {
  const id: string = await queue.push(Ship, { order: '1' });
  await queue.push(Ship, { order: '1' }, 'bulk');
  await queue.push(Ship, { order: '1' }, { queue: 'bulk', id });
  await queue.push(Nothing);
  await queue.push(Nothing, undefined, 'bulk');
  await queue.push(Maybe);
  await queue.push(Maybe, { order: '1' });
  await queue.push(Anything, 5);
  await queue.push(Lifted, { n: '1' });
  // @ts-expect-error -- the data is missing
  await queue.push(Ship);
  // @ts-expect-error -- other data
  await queue.push(Ship, 42);
  // @ts-expect-error -- a property too many
  await queue.push(Ship, { order: '1', customer: 2 });
  // @ts-expect-error -- the job has no data
  await queue.push(Nothing, { ignored: true });
  // @ts-expect-error -- the data of handle, not the input of a push
  await queue.push(Lifted, { n: 1 });
  // @ts-expect-error -- no such option
  await queue.push(Ship, { order: '1' }, { queues: 'bulk' });

  await queue.push('ship');
  await queue.push('ship', { any: 1 });
  await queue.push('ship', { any: 1 }, 'bulk');
  // @ts-expect-error -- no such option
  await queue.push('ship', { any: 1 }, { queues: 'bulk' });

  await queue.later(Ship, { order: '1' }, '5m');
  await queue.later(Ship, { order: '1' }, new Date(), 'bulk');
  await queue.later(Nothing, '5m');
  await queue.later(Nothing, undefined, '5m', { id: 'a' });
  await queue.later('ship', { any: 1 }, '5m');
  await queue.later('nothing', '5m');
  // @ts-expect-error -- the delay is missing
  await queue.later(Ship, { order: '1' });
  // @ts-expect-error -- the data is missing
  await queue.later(Ship, '5m');
  // @ts-expect-error -- no such unit
  await queue.later(Nothing, '5mn');

  const ids: string[] = await queue.pushMany(Ship, kept);
  await queue.pushMany('ship', [{ any: 1 }], 'bulk');
  // @ts-expect-error -- other data
  await queue.pushMany(Ship, [42]);
  // @ts-expect-error -- an id cannot be that of many jobs
  await queue.pushMany(Ship, kept, { id: ids[0] });
}

class Report implements JobInterface<number> {
  constructor(readonly month: number) {}
  handle(): number {
    return this.month;
  }
}
declare class Mail {
  handle(data: { to: string }): Promise<'sent'>;
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<_T extends true>(): void {}

export async function specs(queue: QueueManager): Promise<void> {
  const ship = jobSpec(Ship, { order: '1' }, { id: 'a', delay: '5m' });
  const mail = jobSpec(Mail, { to: 'ada' }, 'bulk');
  const nothing = jobSpec(Nothing);
  const named = jobSpec('ship', { any: 1 }, { queue: 'bulk' });
  const report = jobSpec(new Report(1), { id: 'report' });
  expectType<Equal<typeof ship, JobSpec<Parcel>>>();
  expectType<Equal<typeof mail, JobSpec<'sent'>>>();
  expectType<Equal<typeof nothing, JobSpec<void>>>();
  expectType<Equal<typeof named, JobSpec>>();
  expectType<Equal<typeof report, JobSpec<number>>>();
  jobSpec(Lifted, { n: '1' });

  await queue.push(ship);
  await queue.push(ship, 'bulk');
  await queue.push(ship, { maxTries: 1 });
  await queue.later(ship, '5m', { queue: 'bulk' });
  await queue.pushMany([ship, mail, new Report(1), report], { delay: 5 });
  const { id, outcome } = await queue.dispatch(Ship, { order: '1' }, { id: 'a' });
  const told: 'queued' | 'delayed' | 'duplicate' | 'replaced' | 'deferred' = outcome;
  const all = await queue.dispatchMany([ship, nothing, named]);
  const first: string | undefined = all[0]?.id ?? id + told;
  void first;

  // @ts-expect-error -- the data is missing
  jobSpec(Ship);
  // @ts-expect-error -- other data
  jobSpec(Ship, { customer: 1 });
  // @ts-expect-error -- the data of handle, not the input of a push
  jobSpec(Lifted, { n: 1 });
  // @ts-expect-error -- no such option
  jobSpec(Ship, { order: '1' }, { queues: 'bulk' });
  // @ts-expect-error -- the class carries its data
  jobSpec(Report, { month: 1 });
  // @ts-expect-error -- the data is in the spec
  await queue.push(ship, { order: '1' });
  // @ts-expect-error -- the delay is missing
  await queue.later(ship);
  // @ts-expect-error -- the delay is an argument already
  await queue.later(ship, 5, { delay: 5 });
  // @ts-expect-error -- an id cannot be that of many jobs
  await queue.pushMany([ship], { id: 'a' });
  // @ts-expect-error -- a class in a list of jobs
  await queue.pushMany([Report]);
  // @ts-expect-error -- other data
  await queue.dispatch(Ship, 42);
  // @ts-expect-error -- other data
  await queue.dispatchMany(Ship, [42]);
}
