/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import type { ClsService } from 'nestjs-cls';
import { clsCarrier, defineJob, Job, QueueModule } from 'nestjs-job-queue';
import type {
  DispatchResult,
  JobContext,
  JobContextCarrier,
  JobMiddleware,
  PendingPush,
  PushMiddleware,
  QueueManager,
} from 'nestjs-job-queue';

declare class Timing implements JobMiddleware {
  constructor(times: Map<string, number>);
  handle(job: JobContext, next: () => Promise<unknown>): Promise<unknown>;
  failed(error: Error, job: JobContext, next: () => Promise<unknown>): Promise<void>;
}
declare class Stamp implements PushMiddleware {
  push(push: PendingPush, next: () => Promise<DispatchResult>): Promise<DispatchResult>;
}
declare class Neither {
  run(): void;
}

export function middleware(timing: Timing, stamp: Stamp): void {
  QueueModule.forRoot({ middleware: [Timing, Stamp, timing, stamp] });
  // @ts-expect-error neither handle() nor push()
  QueueModule.forRoot({ middleware: [Neither] });

  @Job({ middleware: [Timing, timing] })
  class TimedJob {
    handle(_data: number): void {}
  }
  const Ship = defineJob<number>('ship');
  @Job(Ship, { middleware: [Timing] })
  class ShipHandler {
    handle(_data: number): void {}
  }
  // @ts-expect-error push() runs for all pushes
  @Job({ middleware: [Stamp] })
  class StampedJob {
    handle(): void {}
  }
  // @ts-expect-error a definition has no dependencies
  defineJob('other', { middleware: [Timing] });
  void [TimedJob, ShipHandler, StampedJob];
}

export function pushes(push: PendingPush): void {
  push.metadata['tenant'] = 'acme';
  push.tags.push('tag');
  // @ts-expect-error a text
  push.metadata['tenant'] = 5;
  // @ts-expect-error what was checked stays
  push.queue = 'other';
}

export function carriers(cls: ClsService, typed: ClsService<{ [key: symbol]: unknown; tenant: string }>): void {
  const carrier: JobContextCarrier = {
    name: 'tenant',
    capture: () => undefined,
    restore: (value, next) => (value.length > 0 ? next() : next()),
  };
  QueueModule.forRoot({ carriers: [clsCarrier(cls, ['tenant']), clsCarrier(typed, ['tenant'], 'typed'), carrier] });
  // @ts-expect-error restore() returns what next() returns
  const wrong: JobContextCarrier = { ...carrier, restore: () => 5 };
  void wrong;
}

export async function deferral(queue: QueueManager): Promise<void> {
  (await queue.deferPushes(async () => 5)) satisfies number;
  (await queue.deferPushes(() => 'text')) satisfies string;
  await queue.push(defineJob('nothing'), undefined, { afterCommit: true });
  // @ts-expect-error true or false
  await queue.push(defineJob('nothing'), undefined, { afterCommit: 'yes' });
  QueueModule.forRoot({ afterCommit: true, transactions: { isActive: () => false, onCommit: (call) => void call() } });
}
