import type {
  DeclaringProcess,
  JoinResult,
  ReadSchedules,
  ScheduleChange,
  ScheduleStore,
  ScheduleWatch,
  StoredSchedule,
  TakenSchedules,
} from '../drivers/queue-schedules.interface.js';
import { placed } from './partitioned-flows.js';
import type { PartitionMap } from './partition-map.js';

/** Schedules: the partition of a job is decided when its occurrence is recorded. */
export class PartitionedSchedules implements ScheduleStore {
  constructor(
    private readonly inner: ScheduleStore,
    private readonly map: PartitionMap,
  ) {}

  get isShared(): boolean {
    return this.inner.isShared;
  }

  read(names: readonly string[]): Promise<ReadSchedules> {
    return this.inner.read(names);
  }

  readAll(): Promise<StoredSchedule[]> {
    return this.inner.readAll();
  }

  change(change: ScheduleChange): Promise<boolean> {
    const { jobs } = change;
    return this.inner.change({ ...change, ...(jobs && { jobs: jobs.map((job) => placed(this.map, job)) }) });
  }

  take(limit: number): Promise<TakenSchedules> {
    return this.inner.take(limit);
  }

  lives(id: string): Promise<boolean> {
    return this.inner.lives(id);
  }

  watch(listener: () => void): ScheduleWatch {
    return this.inner.watch(listener);
  }

  join(member: DeclaringProcess, keep: number): Promise<JoinResult> {
    return this.inner.join(member, keep);
  }

  sign(application: string, process: string, keep: number): Promise<boolean> {
    return this.inner.sign(application, process, keep);
  }

  leave(application: string, process: string): Promise<void> {
    return this.inner.leave(application, process);
  }

  settled(): Promise<void> {
    return this.inner.settled();
  }
}
