/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { Job, jobSpec, Schedule } from 'nestjs-job-queue';
import type { ChunkItem, JobContext, JobInterface, QueueSchedules, ScheduleInfo } from 'nestjs-job-queue';

interface Report {
  whole: boolean;
}

@Schedule('0 2 * * *')
@Schedule({ every: '10m', name: 'often', overlap: false, jitter: '5s', catchUp: 'none' })
@Schedule({ cron: '@daily', timeZone: 'Europe/Berlin', name: 'daily' })
@Job()
export class Plain {
  async handle(): Promise<void> {}
}

@Schedule('0 2 * * *', { data: { whole: true }, timeZone: 'Europe/Berlin' })
@Job()
export class WithData {
  async handle(_report: Report, _job: JobContext): Promise<void> {}
}

@Schedule({ every: 60, data: { whole: true } })
@Job({ chunk: { size: 5 } })
export class Chunk {
  async handleChunk(_items: readonly ChunkItem<Report>[]): Promise<void> {}
}

@Schedule('0 2 * * *')
@Job()
export class MayHaveData {
  async handle(_report: Report | undefined): Promise<void> {}
}

// @ts-expect-error -- the data is missing
@Schedule('0 2 * * *')
@Job()
export class LacksData {
  async handle(_report: Report): Promise<void> {}
}

// @ts-expect-error -- other data
@Schedule('0 2 * * *', { data: { whole: 'yes' } })
@Job()
export class OtherData {
  async handle(_report: Report): Promise<void> {}
}

// @ts-expect-error -- two rules
@Schedule({ every: '10m', cron: '@daily' })
@Job()
export class TwoRules {
  async handle(): Promise<void> {}
}

// @ts-expect-error -- a time zone belongs to an expression
@Schedule({ every: '10m', timeZone: 'UTC' })
@Job()
export class TimeZoneOfNothing {
  async handle(): Promise<void> {}
}

export class Carrier implements JobInterface {
  constructor(readonly page: number) {}
  handle(): void {}
}

export async function use(schedules: QueueSchedules): Promise<void> {
  const info: ScheduleInfo = await schedules.set('a', { cron: '0 2 * * *', job: jobSpec(WithData, { whole: true }) });
  const next: Date | undefined = info.next;
  await schedules.set('b', { every: '10m', job: new Carrier(7), startAt: next, limit: 5, paused: false });
  const id: string = await schedules.runNow('a');
  const times: Date[] = await schedules.next(id, 5);
  const found: ScheduleInfo | null = await schedules.get(String(times[0]));
  const isRemoved: boolean = (await schedules.remove('a')) && (await schedules.pause('b')) && found === null;
  // @ts-expect-error -- no rule
  await schedules.set('c', { job: new Carrier(7), paused: isRemoved });
  // @ts-expect-error -- two rules
  await schedules.set('c', { job: new Carrier(7), every: 5, cron: '@daily' });
  // @ts-expect-error -- no job
  await schedules.set('c', { every: 5 });
  // @ts-expect-error -- a class is no job with data
  await schedules.set('c', { every: 5, job: WithData });
}
