import { Injectable } from '@nestjs/common';
import {
  defineJob,
  Job,
  jobSpec,
  OnQueueEvent,
  QueueManager,
  QueueSchedules,
  type JobContext,
  type JobHandlerOf,
  type QueueEvent,
} from 'nestjs-job-queue';
import { Library } from './library.js';
import { stageSpec } from './stage-handlers.js';
import { DetectFaces } from './stages.js';

/** When the nightly jobs begin, as an admin sets it. */
export interface NightlyTime {
  readonly hour: number;
  readonly timeZone: string;
  /** For tests that cannot wait for an hour. */
  readonly minute?: number;
  readonly second?: number;
}

export const NightlyTasks = defineJob('nightly-tasks', { queue: 'background' });
/** Its name is its id: one at a time. */
export const RecogniseAll = defineJob('recognise-all', { queue: 'recognition' });

@Injectable()
export class Nightly {
  /** Faces are being detected, and are recognised after that. */
  private awaitsFaces = false;

  constructor(
    private readonly queue: QueueManager,
    private readonly schedules: QueueSchedules,
    private readonly library: Library,
  ) {}

  /** Sets when the nightly jobs begin. Each process calls it when it starts, and an admin when he wants another time. */
  async setTime({ hour, minute = 0, second = 0, timeZone }: NightlyTime): Promise<void> {
    await this.schedules.set('nightly', {
      cron: `${second} ${minute} ${hour} * * *`,
      timeZone,
      job: jobSpec(NightlyTasks, undefined),
      overlap: false,
    });
  }

  /** Detects the faces of all assets. */
  async begin(): Promise<void> {
    const specs = [];
    for await (const asset of this.library.assets()) specs.push(stageSpec(DetectFaces, asset));
    this.awaitsFaces = specs.length > 0;
    await this.queue.pushMany(specs);
  }

  @OnQueueEvent('queue-drained')
  async onDrained({ queue }: QueueEvent<'queue-drained'>): Promise<void> {
    if (queue !== 'faces' || !this.awaitsFaces) return;
    this.awaitsFaces = false;
    await this.queue.push(RecogniseAll, undefined, { id: RecogniseAll.name, unique: true });
  }
}

@Job(NightlyTasks)
export class NightlyHandler implements JobHandlerOf<typeof NightlyTasks> {
  constructor(
    private readonly nightly: Nightly,
    private readonly library: Library,
  ) {}

  async handle(_data: void, { metadata }: JobContext): Promise<void> {
    await this.library.note(`night of ${metadata['scheduledFor']}`);
    await this.nightly.begin();
  }
}

@Job(RecogniseAll)
export class RecogniseAllHandler implements JobHandlerOf<typeof RecogniseAll> {
  constructor(private readonly library: Library) {}

  async handle(): Promise<void> {
    let [all, detected] = [0, 0];
    for await (const asset of this.library.assets()) {
      all++;
      if (await this.library.has(asset, 'faces')) detected++;
    }
    await this.library.note(`recognised ${detected} of ${all}`);
  }
}
