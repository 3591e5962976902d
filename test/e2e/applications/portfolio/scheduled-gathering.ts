import { Injectable } from '@nestjs/common';
import { Job, Schedule, type Duration, type JobContext, type JobHandler } from 'nestjs-job-queue';
import { GatheringService } from './gathering.service.js';

/** When prices, profiles and statistics are gathered. */
export interface GatheringRules {
  readonly recent: string;
  readonly all: string;
  readonly statistics: string;
  /** The statistics come up to so much later, so that their source does not get the calls of all installations at once. */
  readonly spread: Duration;
}

/** Recent prices each hour, all profiles each Sunday, the statistics each day at a minute of the hour that nobody chose. */
export const RULES: GatheringRules = {
  recent: '0 * * * *',
  all: '0 12 * * 7',
  statistics: '0 6 * * *',
  spread: '1h',
};

/** Notes each run of a schedule. */
export abstract class RunLog {
  abstract note(schedule: string, scheduledFor: string): Promise<void>;
}

@Injectable()
export class MemoryRunLog implements RunLog {
  readonly runs: (readonly [schedule: string, scheduledFor: string])[] = [];

  async note(schedule: string, scheduledFor: string): Promise<void> {
    this.runs.push([schedule, scheduledFor]);
  }
}

const OPTIONS = { queue: 'gathering', maxTries: 5, retention: { completed: 0 } } as const;

/** Makes the job classes that have the schedules. */
export function scheduledGathering({ recent, all, statistics, spread }: GatheringRules) {
  @Injectable()
  abstract class Gathering implements JobHandler<undefined> {
    constructor(
      protected readonly gathering: GatheringService,
      private readonly log: RunLog,
    ) {}

    async handle(_data: undefined, { metadata }: JobContext): Promise<void> {
      await this.log.note(metadata['schedule']!, metadata['scheduledFor']!);
      await this.gather();
    }

    protected abstract gather(): Promise<unknown>;
  }

  @Schedule(recent)
  @Job({ name: 'hourly', ...OPTIONS })
  class GatherRecent extends Gathering {
    protected gather(): Promise<unknown> {
      return this.gathering.gatherRecent();
    }
  }

  @Schedule(all, { timeZone: 'Europe/Zurich' })
  @Job({ name: 'weekly', ...OPTIONS })
  class GatherAll extends Gathering {
    protected gather(): Promise<unknown> {
      return this.gathering.gatherAll();
    }
  }

  @Schedule(statistics, { jitter: spread })
  @Job({ name: 'some minute', ...OPTIONS })
  class GatherStatistics extends Gathering {
    protected gather(): Promise<unknown> {
      return this.gathering.gatherStatistics();
    }
  }

  return [GatherRecent, GatherAll, GatherStatistics];
}
