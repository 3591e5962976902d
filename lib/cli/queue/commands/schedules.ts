import type { Command } from 'commander';
import type { ScheduleInfo } from '../../../index.js';
import { localTime } from '../../format.js';
import { table } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

export function addSchedules(program: Command, run: RunCommand): void {
  program
    .command('schedules')
    .description('list the schedules, with their next and their last time')
    .action(() =>
      run(async ({ schedules, out }) => {
        const all = await schedules.list();
        out.print(all, () => (all.length === 0 ? 'No schedules' : toTable(all)));
      }),
    );
}

function toTable(schedules: readonly ScheduleInfo[]): string {
  return table(
    ['name', 'when', 'job', 'queue', 'next', 'last', 'runs', 'state'],
    schedules.map(({ name, cron, timeZone, every, job, next, last, runs, paused }) => [
      name,
      cron === undefined ? `every ${every} s` : [cron, timeZone].filter(Boolean).join(' '),
      job.name,
      job.queue,
      next ? localTime(next) : '-',
      last ? localTime(last.time) : '-',
      runs,
      paused ? 'paused' : next ? '' : 'ended',
    ]),
  );
}
