import type { Cancellation, CancelledSome } from '../../lib/drivers/queue-cancellations.interface.js';
import type {
  ClaimedJob,
  NewJob,
  Settlement,
  PollRequest,
  PollResult,
  StoredStatus,
  TakenOver,
} from '../../lib/drivers/queue-driver.interface.js';
import { NO_LIMITS, type StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import type { DebounceKey } from '../../lib/drivers/job-traits.interface.js';
import type { JobNote } from '../../lib/job/attempt-desk.interface.js';
import type { KeptResult } from '../../lib/job/kept-result.js';
import { countersOf } from '../../lib/drivers/queue-stats.interface.js';
import type { JobState } from '../../lib/job/job-status.js';
import { ModelJob } from './model-job.js';
import { ModelSides } from './model-sides.js';
import { lastOf, ModelDebounce } from './model-debounce.js';
import { ModelKeys } from './model-keys.js';
import { ModelLimits } from './model-limits.js';
import { ModelWaiting } from './model-waiting.js';
import { expectThat } from './mismatch.js';
import {
  INTERVAL,
  LEASE,
  MOVED_BACK,
  OTHER,
  PLACES,
  QUEUE,
  retentionOf,
  SLOTS,
  START,
  type Claim,
  type Place,
  type Snapshot,
  type Traits,
} from './subject.interface.js';

/** The number of ids whose status is read in turn, and the number of looks for each read. */
const RECENT = 12;
const ASKS_EACH = 4;
export const WORKER_LOST = 'The worker that ran this job was lost';

export interface ModelConsumer {
  expiresAt: number;
  /** Fences by id, in the order of the fences. */
  readonly claims: Map<string, number>;
}

/** An ended job that is kept. */
export interface EndedJob {
  readonly job: ModelJob;
  readonly endedAt: number;
  readonly expiresAt: number;
}

export interface ModelSlot {
  /** The id of its consumer; `undefined` before its first poll. */
  consumerId: string | undefined;
  awake: boolean;
}

/** The expected answer to a poll. The storage chooses the fences, as long as they grow. */
export type Prediction = Pick<
  PollResult,
  'more' | 'recovered' | 'paused' | 'limited' | 'blocked' | 'held' | 'cancelled' | 'nextDue' | 'takenOver'
> & {
  readonly refused: readonly string[];
  readonly jobs: readonly Omit<ClaimedJob, 'fence'>[];
};

/** What a push reports. */
export interface PushAnswer {
  /** The ids that other jobs have. */
  readonly conflicts: readonly string[];
  /** The indexes of the jobs that are there already, and the ids of those. */
  readonly duplicates: readonly (readonly [number, string])[];
  /** The same of those that took the place of a job that waits; no id if another one waits than the push expected. */
}

/**
 * A model of a queue, as simple as possible. It follows the contract of the drivers. If the contract leaves a choice,
 * the model reads the choice from the storage, and checks that the contract allows it.
 */
export class Model {
  now = START;
  pushes = 0;
  notes = 0;
  lastFence = 0;
  seen = 0;
  /** The time of the last removal of the queue that found consumers whose leases had run out. */
  private looked = 0;
  graceEnd = 0;
  /** The pause, until a poll finds it ended. */
  pause: { readonly until: number } | undefined;
  readonly limits: ModelLimits;
  /** True if the last poll found jobs that only the limits kept from starting. */
  blocked = false;
  private clearedAt = 0;
  /** True if a heartbeat may ever have woken a listener, because another consumer was about to be lost. */
  warned = false;
  readonly waiting: ModelWaiting;
  readonly keys = new ModelKeys();
  readonly debounce = new ModelDebounce();
  /** What the statistics have counted. */
  readonly counters: number[] = [];
  readonly jobs = new Map<string, ModelJob>();
  private readonly otherReady = new ModelSides<ModelJob>();
  readonly consumers = new Map<string, ModelConsumer>();
  /** Consumers whose jobs were recovered. */
  readonly gone = new Set<string>();
  readonly ended = new Map<
    string,
    { readonly status: StoredStatus; readonly name: string | undefined; readonly expiresAt: number }
  >();
  /** The ended jobs that are kept, the oldest one first. */
  completed: EndedJob[] = [];
  failed: EndedJob[] = [];
  /** Claims that have ended: settled, or lost with their consumer. */
  readonly past: Claim[] = [];
  /** The reasons of cancelled jobs that have not ended, by id. */
  readonly cancelled = new Map<string, string | undefined>();
  /** Every id that was ever pushed. */
  private readonly ids = new Set<string>();
  /** What the last push reported. */
  lastPush: PushAnswer = { conflicts: [], duplicates: [] };
  private asked = 0;
  readonly lostClaims = new Map<string, readonly Claim[]>();
  readonly slots: readonly ModelSlot[] = Array.from({ length: SLOTS }, () => ({ consumerId: undefined, awake: true }));

  constructor(
    readonly traits: Traits,
    readonly statusTtl: number,
    limits: StartLimits = NO_LIMITS,
  ) {
    this.limits = new ModelLimits(limits);
    this.waiting = new ModelWaiting(traits.ties, limits.groups ?? {}, (id) => this.jobs.get(id)?.group);
  }

  get keepsStatuses(): boolean {
    return this.statusTtl > 0;
  }

  /** The jobs that moved to the other queue, in their turn. */
  get elsewhere(): readonly ModelJob[] {
    return this.otherReady.jobs;
  }

  get isPaused(): boolean {
    return this.pause !== undefined && this.pause.until > this.now;
  }

  /** Returns the ids whose status is read next: all ids, or from time to time one id. */
  nextAsked(): string[] {
    const ids = [...this.ids];
    if (this.traits.asksAll || ids.length === 0) return ids;
    const turn = this.asked++;
    return turn % ASKS_EACH === 0 ? [ids.slice(-RECENT)[(turn / ASKS_EACH) % Math.min(ids.length, RECENT)]!] : [];
  }

  push(jobs: readonly NewJob[], unique: boolean): PushAnswer {
    const conflicts: string[] = [];
    const duplicates: [number, string][] = [];
    for (const [index, { id, body, delay, name, isGenerated, replacesEnded, traits }] of jobs.entries()) {
      this.ids.add(id);
      const moved = this.elsewhere.find((job) => job.id === id);
      const isGiven = unique && !isGenerated;
      const holder = isGiven ? (this.jobs.get(id) ?? moved ?? this.ended.get(id)) : undefined;
      if (holder && (this.jobs.has(id) || moved || !replacesEnded)) {
        if (moved || holder.name !== name) conflicts.push(id);
        else duplicates.push([index, id]);
        continue;
      }
      const replaced = traits?.debounce && this.replaceWaiting(jobs[index]!, traits.debounce);
      if (replaced !== undefined) {
        duplicates.push([index, replaced]);
        continue;
      }
      const owner = traits?.unique && this.keys.ownerOf(traits.unique.key, this.now);
      if (owner) {
        duplicates.push([index, owner.id]);
        continue;
      }
      this.ended.delete(id);
      this.forget((ended) => ended.job.id === id);
      const given = isGiven ? name : undefined;
      const { priority, unique: key, debounce, group } = traits ?? {};
      const ours = [given, this.keepsStatuses, priority, key, debounce, group] as const;
      const job = new ModelJob(id, body, this.now, delay > 0, ...ours);
      this.keys.take(job);
      this.debounce.add(job, this.now);
      this.jobs.set(id, job);
      const longest = debounce ? lastOf(debounce, this.now) - this.now : Infinity;
      this.waiting.toBack(job, Math.min(delay, longest / 1000), this.now);
    }
    return (this.lastPush = { conflicts, duplicates });
  }

  /** Replaces the job that waits under a key. @returns its id with `~` before it, `~` if it is not the expected one; nothing if none waits */
  private replaceWaiting({ body, delay, traits }: NewJob, key: DebounceKey): string | undefined {
    const waiting = this.debounce.waiting.get(key.key);
    const job = waiting && this.jobs.get(waiting.id)!;
    if (key.over !== undefined && key.over !== (job?.body ?? null)) return '~';
    if (!job) return undefined;
    const wished = this.now + Math.ceil(delay * 1000);
    const due = Math.min(wished, lastOf(key, waiting.first));
    const stays = due <= this.now && !this.waiting.has('delayed', job.id);
    const changesPlace = job.group !== traits?.group || job.priority !== (traits?.priority ?? 0);
    if (!stays || changesPlace) this.waiting.cancel(job.id);
    job.body = body;
    job.group = traits?.group;
    job.priority = traits?.priority ?? 0;
    job.pushedAt = this.now;
    job.told = job.statusOf(stays ? 'queued' : 'delayed', 0, this.now);
    job.waitsSince = due < wished ? due : undefined;
    if (!stays) this.waiting.toDelayed(job, due);
    else if (changesPlace) this.waiting.toBack(job, 0, this.now);
    return `~${job.id}`;
  }

  /** @returns the number of jobs that waited */
  clear(): number {
    this.clearedAt = this.now;
    return PLACES.reduce((sum, place) => sum + this.drop(place), 0);
  }

  cancel(id: string, reason: string | undefined): Cancellation | null {
    const job = this.jobs.get(id);
    if (!job) return null;
    if (this.cancelled.has(id)) return 'cancelling';
    if (!this.waiting.cancel(id)) {
      this.cancelled.set(id, reason);
      return 'cancelling';
    }
    this.waiting.inGroups.unhold(id);
    this.end(job, 'cancelled', this.statusTtl, { error: reason }, job.attempts);
    this.dropOldest();
    return 'cancelled';
  }

  /** Returns the ids of the jobs that were pushed by then. */
  live(pushedBy: number): string[] {
    return [...this.jobs.values()].filter((job) => job.pushedAt <= pushedBy).map(({ id }) => id);
  }

  /** Cancels jobs that were pushed by then, and were not cancelled before. */
  cancelSome(ids: readonly string[], pushedBy: number): CancelledSome {
    const meant = ids.filter((id) => !this.cancelled.has(id) && (this.jobs.get(id)?.pushedAt ?? Infinity) <= pushedBy);
    const ended = meant.filter((id) => this.cancel(id, undefined) === 'cancelled');
    return { ended, told: meant.length - ended.length };
  }

  /** Puts failed jobs back. @returns how many */
  retry(ids: readonly string[]): number {
    const jobs = this.takeFailed(ids);
    for (const job of jobs) this.restart(job);
    return jobs.length;
  }

  /** Moves failed jobs to the other queue. @returns how many */
  move(ids: readonly string[]): number {
    const jobs = this.takeFailed(ids, OTHER);
    for (const job of jobs) job.restart(this.now, OTHER);
    for (const job of jobs) this.otherReady.push(job);
    return jobs.length;
  }

  /** The first jobs of the other queue have failed there, and come back. @returns how many */
  moveBack(): number {
    const jobs = this.keepsStatuses ? this.otherReady.take(MOVED_BACK, this.now) : [];
    for (const job of jobs) {
      job.fail('no', this.now);
      this.restart(job);
    }
    return jobs.length;
  }

  /** Tells whether a job of the other queue would find its key taken here. */
  get isTakenWithin(): boolean {
    const keys = this.elsewhere.flatMap(({ unique }) => unique?.key ?? []);
    return keys.some((key) => this.keys.owners.has(key));
  }

  private takeFailed(ids: readonly string[], target = QUEUE): ModelJob[] {
    const keys = new Set(
      target === QUEUE ? this.keys.owners.keys() : this.elsewhere.flatMap(({ unique }) => unique?.key ?? []),
    );
    return ids.flatMap((id) => {
      const kept = this.failed.find(({ job }) => job.id === id);
      if (!kept) return [];
      const { unique } = kept.job;
      if (unique && keys.has(unique.key)) return [];
      if (unique) keys.add(unique.key);
      this.forget(({ job }) => job === kept.job);
      this.ended.delete(id);
      return [kept.job];
    });
  }

  private restart(job: ModelJob): void {
    job.restart(this.now);
    this.jobs.set(job.id, job);
    this.keys.take(job);
    this.waiting.toBack(job, 0, this.now);
  }

  /** Removes jobs that no consumer holds. @returns how many */
  remove(ids: readonly string[], only?: readonly JobState[]): number {
    let count = 0;
    for (const id of new Set(ids)) {
      const isKept = [...this.failed, ...this.completed].some(({ job }) => job.id === id);
      const live = this.jobs.get(id);
      const state = live ? this.waitingState(live) : isKept ? this.ended.get(id)?.status.state : undefined;
      if (only && (!state || !only.includes(state))) continue;
      const waited = this.waiting.cancel(id);
      if (waited) this.waiting.inGroups.unhold(id);
      if (live && waited) {
        this.keys.free(live, true, this.now);
        this.debounce.free(live);
      }
      if (!live || (waited && !only)) this.keys.endThrottle(id);
      if (!waited && !isKept && !this.ended.has(id)) continue;
      this.jobs.delete(id);
      this.cancelled.delete(id);
      this.ended.delete(id);
      this.forget(({ job }) => job.id === id);
      count++;
    }
    return count;
  }

  /** Returns the state of a job that waits. */
  private waitingState({ id, attempts, crashes }: ModelJob): JobState {
    if (attempts + crashes > 0) return 'retrying';
    return this.waiting.has('delayed', id) ? 'delayed' : 'queued';
  }

  /** Changes when a waiting job is due. @param only leaves ready jobs alone @returns whether it waited */
  reschedule(id: string, delay: number, only?: 'delayed'): boolean {
    const isDelayed = this.waiting.has('delayed', id);
    const isReady = !isDelayed && PLACES.some((place) => this.waiting.has(place, id));
    if (!isDelayed && (only || !isReady)) return false;
    if (delay > 0 && this.cancelled.has(id)) return false;
    if (!isDelayed && delay === 0) return true;
    const job = this.jobs.get(id)!;
    this.waiting.cancel(id);
    this.waiting.toBack(job, delay, this.now);
    job.becomes(delay > 0 ? 'delayed' : 'queued');
    if (job.attempts + job.crashes === 0) job.waitsSince = this.now + Math.ceil(delay * 1000);
    return true;
  }

  /** Gives a waiting job another priority, also in its record. @returns whether it waited */
  setPriority(id: string, priority: number): boolean {
    if (!PLACES.some((place) => this.waiting.has(place, id))) return false;
    const job = this.jobs.get(id)!;
    if (job.priority === priority) return true;
    this.waiting.rank(job, priority);
    const [header = '', ...data] = job.body.split('\n');
    const [name, options = '{}'] = header.split('\t');
    const { p: _, ...others } = JSON.parse(options) as Record<string, unknown>;
    const all = { ...others, ...(priority !== 0 && { p: priority }) };
    const line = Object.keys(all).length > 0 ? `${name}\t${JSON.stringify(all)}` : name;
    job.body = [line, ...data].join('\n');
    return true;
  }

  /** Replaces the record of a waiting job. @returns whether it waited */
  replace(id: string, header: string, body: string): boolean {
    const waits = PLACES.some((place) => this.waiting.has(place, id));
    const job = waits ? this.jobs.get(id) : undefined;
    if (!job?.body.startsWith(`${header}\n`)) return false;
    job.body = body;
    return true;
  }

  /**
   * Removes everything, unless a consumer holds jobs.
   *
   * @param after the state after it: a status whose job is not kept any more may stay
   * @returns the number of jobs that consumers hold
   */
  obliterate({ stored }: Snapshot): number {
    const isLost = ({ expiresAt }: ModelConsumer): boolean => expiresAt + this.traits.grace <= this.now;
    const holders = [...this.consumers].filter(([, { claims }]) => claims.size > 0);
    const running = holders.filter(([, consumer]) => !isLost(consumer));
    const sizeOf = (some: typeof holders): number => some.reduce((sum, [, { claims }]) => sum + claims.size, 0);
    if (running.length > 0) return sizeOf(running);
    if (holders.length > 0) {
      // Nobody spoke: the others get the time to come back.
      if (this.now - Math.max(this.seen, this.looked) > this.traits.grace) this.graceEnd = this.now + this.traits.grace;
      this.looked = this.now;
      if (this.now < this.graceEnd) return sizeOf(holders);
    }
    this.looked = 0;
    for (const [key, { claims }] of holders) {
      this.consumers.delete(key);
      this.gone.add(key);
      const lost = [...claims].map(([id, fence]) => ({ id, fence }));
      this.lostClaims.set(key, lost);
      this.past.push(...lost);
    }
    for (const place of PLACES) this.waiting.drop(place, () => true);
    this.waiting.forget();
    this.jobs.clear();
    this.keys.clear();
    this.debounce.waiting.clear();
    this.cancelled.clear();
    const kept = new Set([...this.completed, ...this.failed].map(({ job }) => job.id));
    for (const id of this.ended.keys()) if (kept.has(id) || !stored?.has(id)) this.ended.delete(id);
    this.forget(() => true);
    this.counters.length = 0;
    this.limits.forget();
    this.blocked = false;
    this.pause = undefined;
    return 0;
  }

  /**
   * Drops the jobs in one place that were pushed before the last clear, which may arrive again. Jobs that were pushed
   * since stay.
   *
   * @returns the number of dropped jobs
   */
  drop(place: Place, among: readonly string[] = [...this.waiting.in(place)]): number {
    const isMeant = (id: string): boolean => among.includes(id) && this.jobs.get(id)!.pushedAt <= this.clearedAt;
    const ids = this.waiting.drop(place, isMeant);
    for (const id of ids) this.waiting.inGroups.unhold(id);
    for (const id of ids) {
      this.keys.free(this.jobs.get(id)!, true, this.now);
      this.debounce.free(this.jobs.get(id)!);
      this.jobs.delete(id);
      this.cancelled.delete(id);
    }
    return ids.length;
  }

  /** Closes the consumer of a slot. Other consumers recover the jobs that it holds when its lease has run out. */
  close(slot: number): void {
    const { consumerId } = this.slots[slot]!;
    if (consumerId !== undefined && this.consumers.get(consumerId)?.claims.size === 0)
      this.consumers.delete(consumerId);
    this.slots[slot]!.consumerId = undefined;
    this.slots[slot]!.awake = true;
  }

  /** @param after the state after the poll: it shows the order of the recovered jobs, which the storage may choose */
  poll(consumerId: string, request: PollRequest, after: Snapshot, claimed: readonly string[]): Prediction {
    this.sign();
    const own = this.consumers.get(consumerId) ?? { expiresAt: 0, claims: new Map<string, number>() };
    this.consumers.set(consumerId, own);
    own.expiresAt = this.now + LEASE * 1000;
    const refused = this.settle(own, request.settlements);
    const takenOver = this.takeOver(after, claimed);
    this.promote();
    const paused = this.isPaused;
    if (!paused) this.pause = undefined;
    const jobs = paused ? [] : this.claim(own, request);
    if (own.claims.size === 0 && !this.traits.idleConsumersAreLost) this.consumers.delete(consumerId);
    const { ready, recovered: recoveredJobs, inGroups } = this.waiting;
    const isFull = this.limits.free(1, this.running, this.now) === 0;
    const mayRecover = this.waiting.firstRecovered(this.now) !== undefined;
    const more = ready > 0 && !paused && !isFull;
    const recovered = mayRecover && !paused && !isFull;
    const isReady = ready + recoveredJobs.length > 0 && !paused;
    this.blocked = isReady && isFull;
    const isHeld = inGroups.blocked > 0 || (recoveredJobs.length > 0 && !mayRecover);
    const blocked = this.blocked || (isHeld && !paused);
    const end = this.pause?.until ?? Infinity;
    const opensAt = this.blocked ? this.limits.opensAt(this.running, this.now) : this.waiting.recoveryOpensAt(this.now);
    const next = Math.min(
      this.waiting.nextDue ?? Infinity,
      this.nextLossFor(consumerId),
      end,
      paused ? Infinity : opensAt,
    );
    const nextDue = more || next === Infinity ? null : Math.max(0, next - this.now);
    const limited = this.limits.areOn || this.waiting.isOrdered;
    const cancelled = [...this.cancelled].flatMap(([id, reason]) => (own.claims.has(id) ? [{ id, reason }] : []));
    const held = this.limits.heldUntil > this.now;
    return { refused, jobs, takenOver, more, recovered, paused, limited, blocked, held, cancelled, nextDue };
  }

  /** @returns true if the consumer of the slot holds the job under this fence */
  note(slot: number, { id, fence }: Claim, number: number, note: JobNote): boolean {
    const own = this.consumers.get(this.slots[slot]!.consumerId ?? '');
    if (own?.claims.get(id) !== fence) return false;
    this.jobs.get(id)!.note(fence, number, note);
    return true;
  }

  /** Notes the fences that the storage gave to the claimed jobs. */
  handOut(consumerId: string, claims: readonly Claim[]): void {
    for (const { id, fence } of claims) {
      expectThat('fences', fence > this.lastFence, `${fence} of ${id} is not above ${this.lastFence}`);
      this.lastFence = fence;
      this.consumers.get(consumerId)!.claims.set(id, fence);
    }
    if (claims.length > 0) expectThat('fences', this.lastFence >= this.now, `${this.lastFence} is below the time`);
  }

  /** Advances the time. Reads the leases that awake consumers prolonged meanwhile from the state after it. */
  timePassed(milliseconds: number, after: Snapshot): void {
    this.now += milliseconds;
    for (const [id, { expiresAt }] of this.ended) if (expiresAt <= this.now) this.ended.delete(id);
    this.forget(({ expiresAt }) => expiresAt <= this.now);
    this.signsSeen(after);
  }

  signsSeen(after: Snapshot): void {
    const longest = this.now + LEASE * 1000;
    const shortest = longest - INTERVAL;
    let signed = false;
    for (const [key, { expiresAt }] of after.consumers) {
      const consumerId = this.consumers.get(key);
      if (!consumerId || consumerId.expiresAt === expiresAt) continue;
      const allowed = this.isAwake(key) && expiresAt >= shortest && expiresAt <= longest;
      expectThat(
        'leases',
        allowed,
        `that of ${key} went from ${consumerId.expiresAt} to ${expiresAt}, it is ${this.now}`,
      );
      consumerId.expiresAt = expiresAt;
      signed = true;
    }
    if (signed) this.beaten();
    for (const [key, { expiresAt }] of this.consumers) {
      const kept = !this.isAwake(key) || expiresAt >= shortest;
      expectThat('leases', kept, `${key} is awake, and its lease ends at ${expiresAt}; it is ${this.now}`);
    }
  }

  beat(consumerId: string): void {
    this.beaten();
    this.consumers.get(consumerId)!.expiresAt = this.now + LEASE * 1000;
  }

  private beaten(): void {
    this.sign();
    this.warned = true;
  }

  /** Notes a sign of life: after a silence the other consumers get the time to give theirs. */
  sign(): void {
    const silent = this.seen > 0 && this.now - this.seen > 2 * INTERVAL;
    if (silent) this.graceEnd = this.now + this.traits.grace;
    this.seen = this.now;
  }

  promote(): void {
    for (const id of this.waiting.takeDue(this.now)) {
      const job = this.jobs.get(id)!;
      job.isDue();
      this.waiting.toBack(job, 0, this.now);
    }
    this.waiting.inGroups.open(this.now);
  }

  /** How many jobs consumers hold. */
  private get running(): number {
    let sum = 0;
    for (const { claims } of this.consumers.values()) sum += claims.size;
    return sum;
  }

  private isAwake(consumerId: string): boolean {
    return this.slots.some((slot) => slot.awake && slot.consumerId === consumerId);
  }

  private settle(own: ModelConsumer, settlements: readonly Settlement[]): string[] {
    const refused: string[] = [];
    const fronts: { readonly job: ModelJob; readonly fence: number }[] = [];
    // Redis ends completed jobs before all others, but for those with a time of their own.
    const isFirst = (each: Settlement): boolean =>
      this.traits.ties !== 'id' || (each.kind === 'complete' && each.keep === undefined);
    const inOrder = [...settlements.filter(isFirst), ...settlements.filter((each) => !isFirst(each))];
    for (const settlement of inOrder) {
      const { id, fence } = settlement;
      if (own.claims.get(id) !== fence) {
        refused.push(id);
        continue;
      }
      own.claims.delete(id);
      this.past.push({ id, fence });
      this.count(settlement);
      const job = this.jobs.get(id)!;
      if (givesBack(settlement)) {
        this.limits.giveBack(id);
        this.waiting.inGroups.giveBack(id);
      }
      const delay = this.delayOf(settlement, job);
      this.waiting.inGroups.end(id, this.now, delay !== undefined && (delay > 0 || job.crashes > 0));
      if (settlement.kind === 'release' && settlement.hold === 'group')
        this.waiting.inGroups.hold(this.jobs.get(id)!.group, this.now + settlement.delay * 1000, this.now);
      if (settlement.note) job.take(fence, settlement.note);
      if (settlement.kind === 'complete') this.end(job, 'completed', settlement.keep, settlement);
      else if (settlement.kind === 'fail') {
        job.fail(settlement.error, this.now);
        this.end(job, 'failed', settlement.keep, { error: settlement.error });
      } else if (settlement.kind === 'cancel') {
        const attempt = job.attempts + (settlement.hasRun ? 1 : 0);
        this.end(job, 'cancelled', this.statusTtl, { error: settlement.error }, attempt);
      } else if (delay !== undefined) {
        if (settlement.kind === 'release' && settlement.hold === 'queue')
          this.limits.heldUntil = Math.max(this.limits.heldUntil, this.now + settlement.delay * 1000);
        if (settlement.kind === 'retry') job.retry(settlement.error, this.now);
        else job.release(delay, settlement, this.now);
        const front = settlement.kind === 'release' && settlement.position === 'front' && delay === 0;
        if (front) fronts.push({ job, fence });
        else this.waiting.putBack(job, delay, this.now);
      }
    }
    for (const { job } of fronts.toSorted((a, b) => b.fence - a.fence)) this.waiting.toFront(job);
    this.dropOldest();
    return refused;
  }

  /** Returns how long a job waits after a settlement; nothing if it ends. A cancelled one does not wait, unless its name is unknown. */
  private delayOf(settlement: Settlement, { id, attempts, crashes }: ModelJob): number | undefined {
    if (!('delay' in settlement)) return undefined;
    const isUnknown = settlement.kind === 'release' && settlement.unknown === true;
    const waits = isUnknown && attempts + crashes > 0;
    return this.cancelled.has(id) && !waits ? 0 : settlement.delay;
  }

  private count({ kind, sample }: Settlement): void {
    if (sample === undefined || kind === 'release' || kind === 'cancel') return;
    for (const counter of countersOf(kind, sample)) {
      while (this.counters.length <= counter) this.counters.push(0);
      this.counters[counter]!++;
    }
  }

  private end(
    job: ModelJob,
    state: 'completed' | 'failed' | 'cancelled',
    keep = this.statusTtl,
    { error, result, keepFor = 0 }: KeptResult,
    attempt = job.attempts + 1,
  ): void {
    this.jobs.delete(job.id);
    this.keys.free(job, state === 'cancelled', this.now);
    this.debounce.free(job);
    this.cancelled.delete(job.id);
    const expiresAt = this.now + Math.max(keep, keepFor) * 1000;
    const kept = state === 'failed' ? this.failed : this.completed;
    if (keep > 0) kept.push({ job, endedAt: this.now, expiresAt: this.now + keep * 1000 });
    if (expiresAt === this.now) return;
    const end = job.statusOf(state, attempt, this.now, error);
    const status = result === undefined ? end : { ...end, result };
    this.ended.set(job.id, { status, name: job.name, expiresAt });
  }

  /** Drops the oldest ended jobs of those that are too many. */
  private dropOldest(): void {
    const { maxCompleted, maxFailed } = retentionOf(this.statusTtl);
    this.completed.splice(0, Math.max(this.completed.length - maxCompleted, 0));
    if (this.traits.ties === 'id') {
      this.failed.sort((a, b) => a.endedAt - b.endedAt || (a.job.id < b.job.id ? -1 : 1));
    }
    const dropped = this.failed.splice(0, Math.max(this.failed.length - maxFailed, 0));
    for (const { job } of dropped) this.ended.delete(job.id);
  }

  private forget(isGone: (ended: EndedJob) => boolean): void {
    this.completed = this.completed.filter((ended) => !isGone(ended));
    this.failed = this.failed.filter((ended) => !isGone(ended));
  }

  private takeOver(after: Snapshot, claimed: readonly string[]): TakenOver[] {
    if (this.now < this.graceEnd) return [];
    const chosen = [...this.consumers]
      .filter(([, { expiresAt }]) => expiresAt <= this.now)
      .toSorted(([a, one], [b, other]) => one.expiresAt - other.expiresAt || (a < b ? -1 : 1))
      .slice(0, this.traits.takeoversInAPoll);
    const takenOver: TakenOver[] = [];
    const order = [...claimed, ...after.recovered];
    const turn = ({ claims }: ModelConsumer): number => order.indexOf([...claims.keys()][0] ?? '');
    for (const [key, consumerId] of chosen.toSorted((a, b) => turn(a[1]) - turn(b[1]))) {
      this.consumers.delete(key);
      this.gone.add(key);
      this.lostClaims.set(
        key,
        [...consumerId.claims].map(([id, fence]) => ({ id, fence })),
      );
      for (const [id, fence] of consumerId.claims) {
        this.past.push({ id, fence });
        this.waiting.inGroups.end(id, this.now, true);
        this.jobs.get(id)!.lose(WORKER_LOST, this.now);
        this.waiting.recovered.push(id);
        takenOver.push({ id, consumer: key });
      }
    }
    return takenOver;
  }

  /**
   * Returns the time at which another consumer is lost unless it gives a sign of life. A consumer with more jobs than
   * one poll takes over is lost already.
   */
  private nextLossFor(consumerId: string): number {
    const others = [...this.consumers].filter(([key]) => key !== consumerId).map(([, { expiresAt }]) => expiresAt);
    const first = Math.min(...others);
    return first <= this.now ? Math.max(first, this.graceEnd) : first;
  }

  private claim(own: ModelConsumer, { limit, recovered }: PollRequest): Omit<ClaimedJob, 'fence'>[] {
    const ids = this.waiting.take(
      this.limits.free(limit, this.running, this.now),
      recovered,
      (id) => this.jobs.get(id)!,
      this.now,
    );
    this.limits.started(ids, this.now);
    return ids.map((id) => {
      const job = this.jobs.get(id)!;
      own.claims.set(id, 0);
      this.keys.started(job, this.now);
      this.debounce.free(job);
      return job.begin(this.now);
    });
  }
}

/** Tells whether the start of a job does not count. */
function givesBack(settlement: Settlement): boolean {
  if (settlement.kind === 'cancel') return !settlement.hasRun;
  return settlement.kind === 'release' && (settlement.unstarted === true || settlement.unknown === true);
}
