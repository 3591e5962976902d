import type { JobState } from '../../lib/job/job-status.js';
import type { Cancellation, CancelledSome } from '../../lib/drivers/queue-cancellations.interface.js';
import { ArrayDriver } from '../../lib/drivers/array/array.driver.js';
import type { ExpiringMap } from '../../lib/drivers/array/expiring-map.js';
import type { EndedJob } from '../../lib/drivers/array/array-kept.js';
import type { ArrayGroups } from '../../lib/drivers/array/array-groups.js';
import type { ArrayLease } from '../../lib/drivers/array/array-lease.js';
import type {
  ConsumerOptions,
  NewJob,
  PushException,
  QueueConsumer,
  PollRequest,
} from '../../lib/drivers/queue-driver.interface.js';
import { NO_LIMITS, type StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import type { JobNote } from '../../lib/job/attempt-desk.interface.js';
import type { MonotonicClock } from '../../lib/support/clock.js';
import { FakeClock } from '../support/fake-clock.js';
import { failSome } from './fail-some.js';
import { StallableClock } from '../support/stallable-clock.js';
import {
  LEASE,
  LOW_EACH,
  OTHER,
  QUEUE,
  SLOTS,
  START,
  type Claim,
  type ConsumerSnapshot,
  type Delivery,
  type MoveStep,
  type Questions,
  type Snapshot,
  type Polled,
  retentionOf,
  type Subject,
} from './subject.interface.js';

const OPTIONS: ConsumerOptions = { lease: LEASE, onLost: () => undefined };

/** The array driver on a clock that stands still. */
export class ArraySubject implements Subject {
  readonly name = 'array';
  readonly traits = {
    idleConsumersAreLost: false,
    takeoversInAPoll: Infinity,
    grace: 0,
    ties: 'arrival',
    countingPromotes: true,
    asksAll: true,
  } as const;
  private clock = new FakeClock(START);
  private driver!: OpenDriver;
  private consumers: QueueConsumer[] = [];
  private statusTtl = 0;

  async start(statusTtl: number, limits: StartLimits = NO_LIMITS): Promise<void> {
    this.statusTtl = statusTtl;
    this.clock = new FakeClock(START);
    const retention = () => retentionOf(statusTtl);
    this.driver = new OpenDriver({
      statusTtl,
      retention,
      limits: () => limits,
      lowPriorityEach: () => LOW_EACH,
      clock: this.clock,
    });
    this.consumers = Array.from({ length: SLOTS }, () => this.driver.consume(QUEUE, OPTIONS));
  }

  /** Pushes jobs. The array driver has no messages that could arrive twice. */
  async push(jobs: readonly NewJob[], unique: boolean, _twice: boolean): Promise<readonly PushException[] | undefined> {
    return this.driver.push(QUEUE, jobs, unique);
  }

  async poll(slot: number, request: PollRequest, _twice: boolean, ask: Questions): Promise<Polled> {
    const consumer = this.consumers[slot]!;
    const consumerId = this.driver.leaseOf(consumer).id;
    const result = await consumer.poll(request);
    return { consumerId, result, seen: await this.look(ask) };
  }

  async pollTwo(slot: number, [first, second]: readonly [PollRequest, PollRequest], _: Delivery, ask: Questions) {
    const consumer = this.consumers[slot]!;
    const consumerId = this.driver.leaseOf(consumer).id;
    const results = await Promise.all([consumer.poll(first), consumer.poll(second)]);
    return { consumerId, results, seen: await this.look(ask) };
  }

  async note(slot: number, { id, fence }: Claim, number: number, note: JobNote, twice: boolean): Promise<boolean> {
    const consumer = this.consumers[slot]!;
    if (twice) await consumer.note(id, fence, number, note);
    return consumer.note(id, fence, number, note);
  }

  async clear(_twice: boolean): Promise<number> {
    return this.driver.clear(QUEUE);
  }

  async cancel(id: string, reason: string | undefined): Promise<Cancellation | null> {
    // The model cancels in one queue; the driver finds a job in each.
    const isElsewhere = this.driver.inside().elsewhere.some((job) => job.id === id);
    return isElsewhere ? null : this.driver.cancellations.cancel(id, reason);
  }

  async live(pushedBy: number): Promise<readonly string[]> {
    const { jobs } = await this.driver.cancellations.live(QUEUE, { limit: 5, pushedBy, headers: false });
    return jobs.map(({ id }) => id);
  }

  async cancelSome(ids: readonly string[], pushedBy: number): Promise<CancelledSome> {
    return this.driver.cancellations.cancelSome(QUEUE, ids, pushedBy);
  }

  async retry(ids: readonly string[], _twice: boolean): Promise<number> {
    return this.driver.mending.retry(QUEUE, ids);
  }

  async move(ids: readonly string[], diesAfter: MoveStep | undefined): Promise<number> {
    const count = diesAfter === 'move-out' ? 0 : await this.driver.mending.move(QUEUE, ids, OTHER);
    return diesAfter === undefined ? count : -1;
  }

  async endMoves(): Promise<void> {
    await this.driver.mending.failed(QUEUE, { limit: 1, headers: false });
  }

  async moveBack(): Promise<number> {
    // Without statuses failed jobs are not kept.
    if (this.statusTtl === 0) return 0;
    const consumer = this.driver.consume(OTHER, OPTIONS);
    const ids = await failSome(consumer);
    await consumer.close();
    return this.driver.mending.move(OTHER, ids, QUEUE);
  }

  async remove(ids: readonly string[], only: readonly JobState[] | undefined): Promise<number> {
    return this.driver.mending.remove(QUEUE, ids, only);
  }

  async promote(id: string): Promise<boolean> {
    return this.driver.mending.promote(QUEUE, id);
  }

  async reschedule(id: string, delay: number): Promise<boolean> {
    return this.driver.mending.reschedule(QUEUE, id, delay);
  }

  async setPriority(id: string, priority: number): Promise<boolean> {
    return this.driver.mending.setPriority(QUEUE, id, priority);
  }

  async replace(id: string, header: string, body: string): Promise<boolean> {
    return this.driver.mending.replace(QUEUE, id, header, body);
  }

  async obliterate(): Promise<number> {
    return this.driver.mending.obliterate(QUEUE);
  }

  async pauseQueue(milliseconds: number | null, _twice: boolean): Promise<void> {
    await this.driver.pauses.pause(QUEUE, milliseconds);
  }

  async resumeQueue(twice: boolean): Promise<void> {
    await this.driver.pauses.resume(QUEUE);
    if (twice) await this.driver.pauses.resume(QUEUE);
  }

  async setLimits(limits: StartLimits | null, twice: boolean): Promise<void> {
    await this.driver.limits.set(QUEUE, limits);
    if (twice) await this.driver.limits.set(QUEUE, limits);
  }

  async endHold(twice: boolean): Promise<void> {
    await this.driver.limits.endHold(QUEUE);
    if (twice) await this.driver.limits.endHold(QUEUE);
  }

  async close(slot: number, twice: boolean): Promise<void> {
    const consumer = this.consumers[slot]!;
    await consumer.close();
    if (twice) await consumer.close();
    this.consumers[slot] = this.driver.consume(QUEUE, OPTIONS);
  }

  async advance(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds / 1000);
  }

  stall(slot: number): void {
    this.driver.clockOf(this.consumers[slot]!).stall();
  }

  async resume(slot: number): Promise<void> {
    this.driver.clockOf(this.consumers[slot]!).resume();
  }

  async look({ statuses, counts }: Questions): Promise<Snapshot> {
    const counted = counts ? await this.driver.counts(QUEUE) : undefined;
    const told = new Map<string, Awaited<ReturnType<ArrayDriver['getStatus']>>>();
    for (const id of statuses) told.set(id, await this.driver.getStatus(id));
    const {
      waiting,
      leases,
      live,
      elsewhere,
      unique,
      debounce,
      cancelled,
      signalled,
      heldUntil,
      sums,
      completed,
      failed,
    } = this.driver.inside();
    const places = new Map<string, string>();
    for (const id of [...waiting.ready, ...waiting.groups.flatMap(([, ids]) => ids)]) places.set(id, 'ready');
    for (const id of waiting.recovered) places.set(id, 'recovered');
    for (const [id] of waiting.delayed) places.set(id, 'delayed');
    const held = new Map<string, ConsumerSnapshot>();
    for (const lease of leases) {
      const claims = [...lease.jobs.values()].map(({ id, fence }) => ({ id, fence }));
      for (const { id } of claims) places.set(id, 'claimed');
      held.set(lease.id, { expiresAt: lease['expiresAt'], claims });
    }
    const leftOvers = [...live]
      .filter(({ id, place }) => places.get(id) !== place)
      .map(({ id }) => `the place of ${id}`);
    return {
      ...waiting,
      consumers: held,
      records: new Map(
        [...live].map(({ id, body, pushedAt, attempts, crashes, unknownSince, progress }) => [
          id,
          { body, pushedAt, attempts, crashes, unknownSince, progress },
        ]),
      ),
      completed: completed.map(toEnded),
      failed: failed.map(toEnded),
      failures: new Map(
        [...live, ...completed.map(({ job }) => job), ...failed.map(({ job }) => job)]
          .filter(({ failures }) => failures.length > 0)
          .map(({ id, failures }) => [
            id,
            failures.map(({ attempt, endedAt, error }) => ({ attempt, endedAt, error })),
          ]),
      ),
      logs: new Map(
        [...live, ...completed.map(({ job }) => job), ...failed.map(({ job }) => job)]
          .filter(({ logs }) => logs.length > 0)
          .map(({ id, logs }) => [id, [...logs]]),
      ),
      signalled,
      heldUntil,
      cancelled,
      counts: counted,
      told,
      stored: undefined,
      silence: undefined,
      counted: { hours: sums.hour, minutes: sums.minute },
      keys: unique.keys,
      throttles: unique.throttles,
      debounce,
      elsewhere: elsewhere.map(({ id, body, pushedAt }) => ({ id, body, pushedAt })),
      leftOvers,
    };
  }
}

/** Reads the groups. */
function groupsOf({ ring, held }: Pick<ArrayGroups, 'ring' | 'held'>): Pick<Snapshot, 'ring' | 'groups'> {
  const waiting = [...ring.values(), ...held].filter(({ jobs }) => jobs.length > 0);
  const groups = waiting.map(({ name, jobs }): [string, string[]] => [name, [...jobs].map(({ id }) => id)]);
  return { ring: [...ring.keys()], groups: groups.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

/** Adds up the counters of periods. */
function sum(periods: readonly (readonly number[])[]): number[] {
  const sums: number[] = [];
  for (const counters of periods) {
    for (const [counter, count] of counters.entries()) sums[counter] = (sums[counter] ?? 0) + count;
  }
  return sums;
}

function toEnded({ job, endedAt }: EndedJob) {
  return { id: job.id, body: job.body, endedAt };
}

/** The inside of `ArrayUnique`. */
interface UniqueKeys {
  readonly owners: ReadonlyMap<string, string>;
  readonly throttles: ExpiringMap<{ readonly id: string }>;
}

/** An array driver whose state tests can read, and whose consumers can be stalled. */
class OpenDriver extends ArrayDriver {
  private readonly clocks = new Map<QueueConsumer, StallableClock>();

  clockOf(consumer: QueueConsumer): StallableClock {
    return this.clocks.get(consumer)!;
  }

  leaseOf(consumer: QueueConsumer): ArrayLease {
    return (consumer as unknown as { readonly lease: ArrayLease }).lease;
  }

  inside() {
    const state = this['states'].get(QUEUE)!;
    const { ready, recovered, delayed } = {
      ready: state['waiting']['ready'],
      recovered: state['waiting']['recovered'],
      delayed: state['waiting']['delayed']['nodes'],
    };
    const inTurn = delayed.toSorted((a, b) => a.due - b.due || a.order - b.order);
    return {
      waiting: {
        ready: [...ready.ungrouped].map(({ id }) => id),
        ...groupsOf(ready.groups),
        recovered: [...recovered].map(({ id }) => id),
        delayed: inTurn.map(({ item, due }) => [item.id, due] as const),
      },
      leases: [...state['leases']],
      live: this['jobs'].of(QUEUE),
      elsewhere: [...(this['states'].get(OTHER)?.['waiting']['ready'] ?? [])],
      completed: [...state.kept.completed].map(([, ended]) => ended),
      failed: [...state.kept.failed].map(([, ended]) => ended),
      unique: this.uniqueKeys(),
      debounce: new Map(
        [...state.debounce['debounced']].map(([key, { job, firstAt }]) => [key, { id: job.id, first: firstAt }]),
      ),
      cancelled: new Map(this['jobs']['cancelled']),
      signalled: state.waiters['signalled'],
      heldUntil: state.limits.state.heldUntil ?? 0,
      sums: {
        minute: sum([...state.stats['periods'].minute.values()]),
        hour: sum([...state.stats['periods'].hour.values()]),
      },
    };
  }

  /** The keys of the queue. */
  private uniqueKeys() {
    const { owners, throttles } = this['jobs'].unique as unknown as UniqueKeys;
    const now = this['options'].clock.now();
    const own = <T>(entries: Iterable<readonly [string, T]>): [string, T][] =>
      [...entries].flatMap(([slot, value]) =>
        slot.startsWith(`${QUEUE} `) ? [[slot.slice(QUEUE.length + 1), value]] : [],
      );
    const until = (key: string): number => now + throttles.timeLeft(`${QUEUE} ${key}`);
    return {
      keys: new Map(own(owners)),
      throttles: new Map(own(throttles).map(([key, { id }]) => [key, { id, until: until(key) }])),
    };
  }

  protected override openConsumer(queue: string, options: ConsumerOptions, clock: MonotonicClock): QueueConsumer {
    const stallable = new StallableClock(clock);
    const consumer = super.openConsumer(queue, options, stallable);
    this.clocks.set(consumer, stallable);
    return consumer;
  }
}
