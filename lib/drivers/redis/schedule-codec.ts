import type { NewJob } from '../queue-driver.interface.js';
import type { ScheduledJob, StoredSchedule } from '../queue-schedules.interface.js';
import { MEMBER } from './scripts/schedules.script.js';

/** The reply of the script `take schedules`. */
export interface TakeReply {
  readonly now: number;
  readonly next?: number;
  readonly count: number;
  readonly due: readonly StoredSchedule[];
  /** The jobs that another process has left. */
  readonly left: readonly ScheduledJob[];
}

const VALUES = 3;

/** Reads the reply of the script `take schedules`. */
export function readTaken([now, next, count, ...values]: readonly unknown[]): TakeReply {
  const due: StoredSchedule[] = [];
  const left: ScheduledJob[] = [];
  for (let at = 0; at < values.length; at += VALUES) {
    const [member, first, second] = values.slice(at, at + VALUES) as [string, string, string];
    const name = member.slice(1);
    if (member.startsWith(MEMBER.schedule)) due.push({ name, state: first, text: second });
    else left.push(readScheduled(name, first));
  }
  return { now: Number(now), ...(Number(next) >= 0 && { next: Number(next) }), count: Number(count), due, left };
}

/** Writes a job of a schedule as it is stored: queue, delay and traits on the first line, then the record. */
export function writeScheduled({ queue, delay, traits, body }: ScheduledJob): string {
  return `${JSON.stringify([queue, delay, traits])}\n${body}`;
}

function readScheduled(id: string, text: string): ScheduledJob {
  const end = text.indexOf('\n');
  const [queue, delay, traits] = JSON.parse(text.slice(0, end)) as [string, number, ScheduledJob['traits'] | null];
  return { id, queue, delay, body: text.slice(end + 1), ...(traits && { traits }) };
}

/** Makes the job to push: its id is known to no other push, and stays known for a while after its end. */
export function toPushed({ id, body, delay, traits }: ScheduledJob): NewJob {
  return { id, body, delay, isGenerated: true, traits: { ...traits, isScheduled: true } };
}
