import type { RegisteredJobOptions } from '../../../../lib/discovery/registered-job.interface.js';
import type { ChunkContext } from '../../../../lib/job/chunk-context.js';
import type { ChunkItem } from '../../../../lib/job/chunk-item.interface.js';
import type { CheckedChunk } from '../../../../lib/job/chunk-options.js';
import { Gauge } from '../../../support/gauge.js';
import type { TestJob } from '../../../support/jobs.js';
import { Recorder } from '../../../support/recorder.js';

export type Items = readonly ChunkItem<any, unknown>[];

interface CallWishes extends RegisteredJobOptions, Pick<TestJob, 'failed' | 'cancelled'> {
  readonly handle?: (items: Items, context: ChunkContext) => unknown;
  /** Whether the calls run until the test ends them. */
  readonly held?: boolean;
}

/** Records the calls of a class with `handleChunk`: the data of their items. */
export class Calls {
  readonly made = new Recorder<number[]>();
  /** Runs the calls that are held. */
  readonly gauge = new Gauge();
  /** The items and the context of the last call. */
  items: Items = [];
  context: ChunkContext | undefined;

  job(chunk: Partial<CheckedChunk> = {}, { handle, held, failed, cancelled, ...options }: CallWishes = {}): TestJob {
    return {
      options: { ...options, chunk: { size: 100, wait: 0, ...chunk } },
      failed,
      cancelled,
      handleChunk: (items, context) => {
        this.items = items;
        this.context = context;
        this.made.add(items.map(({ data }) => data as number));
        const result = handle?.(items, context);
        return held ? this.gauge.run() : result;
      },
    };
  }

  /** How many items each call had. */
  get sizes(): number[] {
    return this.made.items.map(({ length }) => length);
  }

  /** The data of all items, in the order of the calls. */
  get all(): number[] {
    return this.made.items.flat();
  }
}

/** The numbers from 1 on. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
