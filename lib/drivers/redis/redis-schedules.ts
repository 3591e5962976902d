import { isEnd } from '../../job/job-status.js';
import { grouped } from '../../support/grouped.js';
import { slices } from '../../support/slices.js';
import { MAX_PUSH, type StoredStatus } from '../queue-driver.interface.js';
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
import type { RedisProducer } from './redis-producer.js';
import type { RedisSignals } from './redis-signals.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { readTaken, toPushed, writeScheduled } from './schedule-codec.js';
import { joinScript, leaveScript, signScript } from './scripts/declarations.script.js';
import {
  changeScheduleScript,
  forgetScheduledScript,
  readSchedulesScript,
  takeSchedulesScript,
} from './scripts/schedules.script.js';

/** For so long after a script has recorded a job, a queue takes it, in milliseconds: a process may have stood still meanwhile. */
const VALID_FOR = 60_000;
/** The most schedules that one command reads. */
const PAGE = 100;

export interface RedisScheduleParts {
  readonly toolkit: RedisToolkit;
  readonly producer: RedisProducer;
  readonly signals: RedisSignals;
  readonly statusOf: (id: string) => Promise<StoredStatus | null>;
  readonly assertOpen: () => void;
}

/**
 * Keeps the schedules of a prefix in one slot. The jobs that they push go to the slots of their queues: the script that changes a schedule
 * records them, and a process hands them over.
 */
export class RedisSchedules implements ScheduleStore {
  readonly isShared = true;
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly parts: RedisScheduleParts) {}

  async read(names: readonly string[]): Promise<ReadSchedules> {
    this.parts.assertOpen();
    const schedules: StoredSchedule[] = [];
    let time = 0;
    for (const part of names.length > 0 ? slices(names, PAGE) : [[]]) {
      const { commands, keys } = this.parts.toolkit;
      const input = { keys: keys.ofSchedules, args: {}, rest: part };
      const [now, ...values] = (await commands.run(readSchedulesScript, input, 'deadline')) as string[];
      time = Number(now);
      for (const [index, name] of part.entries()) {
        const [state, text] = values.slice(2 * index, 2 * index + 2) as [string, string];
        if (state !== '') schedules.push({ name, state, text });
      }
    }
    return { now: time, schedules };
  }

  async readAll(): Promise<StoredSchedule[]> {
    this.parts.assertOpen();
    const { commands, keys } = this.parts.toolkit;
    const key = keys.ofSchedules.states;
    const names = new Set<string>();
    let cursor = '0';
    do {
      const from = cursor;
      const scan = await commands.call((client) => client.hscan(key, from, 'COUNT', PAGE), 'deadline', { key });
      const [next, entries] = scan;
      for (let i = 0; i < entries.length; i += 2) names.add(entries[i]!);
      cursor = next;
    } while (cursor !== '0');
    return names.size === 0 ? [] : [...(await this.read([...names])).schedules];
  }

  async change({ name, expected, to, jobs = [] }: ScheduleChange): Promise<boolean> {
    this.parts.assertOpen();
    const { commands, keys } = this.parts.toolkit;
    const { state = '', text = '', next = '', application = '' } = to ?? {};
    const channel = keys.earlierChannel;
    const args = { channel, name, expected: expected ?? '', state, text, next, application, claim: TAKEN_FOR };
    const rest = jobs.flatMap((job) => [job.id, writeScheduled(job)]);
    const input = { keys: keys.ofSchedules, args, rest };
    const [isDone, now] = (await commands.run(changeScheduleScript, input, 'deadline')) as [number, number];
    if (isDone === 1) await this.handOver(jobs, now);
    return isDone === 1;
  }

  async take(limit: number): Promise<TakenSchedules> {
    this.parts.assertOpen();
    const { commands, keys } = this.parts.toolkit;
    const input = { keys: keys.ofSchedules, args: { limit, claim: TAKEN_FOR } };
    const reply = readTaken((await commands.run(takeSchedulesScript, input, 'deadline')) as unknown[]);
    const { now, next, due, left, count } = reply;
    await this.handOver(left, now);
    // A reply that has grown too large ends early, and the jobs that it left out are due.
    const hasMore = count === limit || (next !== undefined && next <= now);
    return { now, due, hasMore, ...(next !== undefined && { next }) };
  }

  async lives(id: string): Promise<boolean> {
    this.parts.assertOpen();
    const { commands, keys } = this.parts.toolkit;
    const { outbox } = keys.ofSchedules;
    // In this order: a job is in the outbox until it has been pushed.
    const isWaiting = await commands.call((client) => client.hexists(outbox, id), 'deadline', { key: outbox });
    if (isWaiting === 1) return true;
    const status = await this.parts.statusOf(id);
    return status !== null && !isEnd(status.state);
  }

  watch(listener: () => void): ScheduleWatch {
    const { signals, toolkit } = this.parts;
    const close = signals.listen(toolkit.keys.earlierChannel, { message: listener, began: listener });
    return { close };
  }

  async join({ application, process, names }: DeclaringProcess, keep: number): Promise<JoinResult> {
    this.parts.assertOpen();
    const { commands, keys } = this.parts.toolkit;
    const args = { application, process, names: names.join('\n'), keep };
    const reply = await commands.run(joinScript, { keys: keys.ofSchedules, args }, 'deadline');
    const [isKnown, ...values] = reply as [number, ...string[]];
    const conflicts = slices(values, 2).map(([name, owner]) => ({ name: name!, application: owner! }));
    return { isKnown: isKnown === 1, conflicts };
  }

  async sign(application: string, process: string, keep: number): Promise<boolean> {
    this.parts.assertOpen();
    const { commands, keys } = this.parts.toolkit;
    const args = { application, process, keep };
    return (await commands.run(signScript, { keys: keys.ofSchedules, args }, 'deadline')) === 1;
  }

  async leave(application: string, process: string): Promise<void> {
    this.parts.assertOpen();
    const { commands, keys } = this.parts.toolkit;
    await commands.run(leaveScript, { keys: keys.ofSchedules, args: { application, process } }, 'deadline');
  }

  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Pushes recorded jobs, and forgets them. If that fails, the next process that takes schedules does it again. */
  private async handOver(jobs: readonly ScheduledJob[], now: number): Promise<void> {
    if (jobs.length === 0) return;
    const byQueue = grouped(jobs, ({ queue }) => queue);
    const parts = [...byQueue].flatMap(([queue, all]) => slices(all, MAX_PUSH).map((part) => [queue, part] as const));
    const going = Promise.all(parts.map(([queue, part]) => this.push(queue, part, now))).then(() => {
      this.underWay.delete(going);
    });
    this.underWay.add(going);
    await going;
  }

  private async push(queue: string, jobs: readonly ScheduledJob[], now: number): Promise<void> {
    const { producer, toolkit } = this.parts;
    const { commands, keys } = toolkit;
    try {
      await producer.pushScheduled(queue, jobs.map(toPushed), now + VALID_FOR);
      const input = { keys: keys.ofSchedules, args: {}, rest: jobs.map(({ id }) => id) };
      await commands.run(forgetScheduledScript, input, 'deadline');
    } catch {
      // See the method above.
    }
  }
}
