import type { MonotonicClock } from '../../support/clock.js';
import type { NewJob } from '../queue-driver.interface.js';
import {
  TAKEN_FOR,
  type DeclaringProcess,
  type JoinResult,
  type ReadSchedules,
  type ScheduleChange,
  type ScheduledJob,
  type ScheduleStore,
  type ScheduleWatch,
  type StoredSchedule,
  type TakenSchedules,
} from '../queue-schedules.interface.js';
import { DueHeap, type DueEntry } from './due-heap.js';

interface Kept {
  readonly schedule: StoredSchedule;
  readonly application: string | undefined;
  entry: DueEntry<string> | undefined;
}

/** The actions of schedules on jobs. */
export interface ScheduleActions {
  push(queue: string, job: NewJob): void;
  isLive(id: string): boolean;
}

/** Keeps schedules in one process: a change pushes its jobs in the same turn of the event loop. */
export class ArraySchedules implements ScheduleStore {
  readonly isShared = false;
  private readonly kept = new Map<string, Kept>();
  private readonly due = new DueHeap<string>();
  private readonly watches = new Set<() => void>();
  private readonly processes = new Map<string, DeclaringProcess & { readonly until: number }>();

  constructor(
    private readonly clock: MonotonicClock,
    private readonly actions: ScheduleActions,
    private readonly assertOpen: () => void,
  ) {}

  async read(names: readonly string[]): Promise<ReadSchedules> {
    this.assertOpen();
    return { now: this.now(), schedules: names.flatMap((name) => this.kept.get(name)?.schedule ?? []) };
  }

  async readAll(): Promise<StoredSchedule[]> {
    this.assertOpen();
    return [...this.kept.values()].map(({ schedule }) => schedule);
  }

  async change({ name, expected, to, jobs = [] }: ScheduleChange): Promise<boolean> {
    this.assertOpen();
    const known = this.kept.get(name);
    const current = known?.schedule.state ?? null;
    if (current === (to?.state ?? null)) return true;
    if (current !== expected) return false;
    const before = this.due.first?.due ?? Infinity;
    this.remove(name);
    if (to) {
      const { state, text = known?.schedule.text ?? '', next, application } = to;
      const entry = next === undefined ? undefined : this.due.push(name, next);
      this.kept.set(name, { schedule: { name, text, state }, application, entry });
    }
    for (const job of jobs) this.push(job);
    if ((this.due.first?.due ?? Infinity) < before) for (const listener of this.watches) listener();
    return true;
  }

  async take(limit: number): Promise<TakenSchedules> {
    this.assertOpen();
    const now = this.now();
    const due: StoredSchedule[] = [];
    while (due.length < limit) {
      const name = this.due.shiftDue(now);
      if (name === undefined) break;
      const kept = this.kept.get(name)!;
      kept.entry = this.due.push(name, now + TAKEN_FOR);
      due.push(kept.schedule);
    }
    const next = this.due.first?.due;
    return { now, due, hasMore: due.length === limit, ...(next !== undefined && { next }) };
  }

  async lives(id: string): Promise<boolean> {
    this.assertOpen();
    return this.actions.isLive(id);
  }

  watch(listener: () => void): ScheduleWatch {
    this.watches.add(listener);
    return { close: () => void this.watches.delete(listener) };
  }

  async join(member: DeclaringProcess, keep: number): Promise<JoinResult> {
    this.assertOpen();
    this.forgetDead();
    const { application, names } = member;
    const conflicts = names.flatMap((name) => {
      const owner = this.kept.get(name)?.application;
      return owner !== undefined && owner !== application && this.isLive(owner) ? [{ name, application: owner }] : [];
    });
    const owns = [...this.kept.values()].some((kept) => kept.application === application);
    if (conflicts.length > 0) return { isKnown: false, conflicts };
    if (names.length === 0 && !owns && !this.isLive(application)) return { isKnown: false, conflicts };
    this.processes.set(keyOf(member.application, member.process), { ...member, until: this.now() + keep });
    this.sweep(application);
    return { isKnown: true, conflicts };
  }

  async sign(application: string, process: string, keep: number): Promise<boolean> {
    this.assertOpen();
    const key = keyOf(application, process);
    const member = this.processes.get(key);
    if (!member) return false;
    this.processes.set(key, { ...member, until: this.now() + keep });
    this.forgetDead();
    return true;
  }

  async leave(application: string, process: string): Promise<void> {
    this.assertOpen();
    this.processes.delete(keyOf(application, process));
    this.forgetDead();
    this.sweep(application);
  }

  async settled(): Promise<void> {
    // A change has pushed its jobs before it resolves.
  }

  private push({ id, queue, body, delay, traits }: ScheduledJob): void {
    this.actions.push(queue, { id, body, delay, isGenerated: true, traits: { ...traits, isScheduled: true } });
  }

  private remove(name: string): void {
    const entry = this.kept.get(name)?.entry;
    if (entry) this.due.remove(entry);
    this.kept.delete(name);
  }

  private forgetDead(): void {
    const now = this.now();
    const dead = [...this.processes].filter(([, { until }]) => until <= now);
    for (const [key] of dead) this.processes.delete(key);
    for (const [, { application }] of dead) this.sweep(application);
  }

  /** Removes the schedules of an application that none of its processes declares; none if no process lives. */
  private sweep(application: string): void {
    if (!this.isLive(application)) return;
    const live = [...this.processes.values()].filter((member) => member.application === application);
    const declared = new Set(live.flatMap(({ names }) => names));
    for (const [name, kept] of this.kept) {
      if (kept.application === application && !declared.has(name)) this.remove(name);
    }
  }

  private isLive(application: string): boolean {
    return [...this.processes.values()].some((member) => member.application === application);
  }

  private now(): number {
    return Math.floor(this.clock.now());
  }
}

function keyOf(application: string, process: string): string {
  return `${application} ${process}`;
}
