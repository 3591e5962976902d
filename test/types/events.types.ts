/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import type { Observable } from 'rxjs';
import { defineJob, Job, OnQueueEvent, QueueModule, type QueueEvent, type QueueEvents } from 'nestjs-job-queue';

@Job()
class SendEmailJob {
  handle(_data: string): void {}
}
const Ship = defineJob<string>('ship');

export class Listeners {
  @OnQueueEvent('failed', SendEmailJob)
  onFailed(event: QueueEvent<'failed'>): void {
    event.error satisfies Error;
    event.type satisfies 'failed';
  }

  @OnQueueEvent('completed', Ship)
  async onCompleted({ result, duration }: QueueEvent<'completed'>): Promise<void> {
    await Promise.resolve([result, duration]);
  }

  @OnQueueEvent('queue-drained')
  onAny(event: QueueEvent): void {
    if (event.type === 'failed') event.error satisfies Error;
    // @ts-expect-error not all events have an error
    void event.error;
  }

  // @ts-expect-error of another type of event
  @OnQueueEvent('pushed')
  onOther(event: QueueEvent<'failed'>): void {
    void event;
  }
}

export class FlowListeners {
  @OnQueueEvent('batch-finished')
  onBatch({ id, state, total, failed, name }: QueueEvent<'batch-finished'>): void {
    state satisfies 'completed' | 'failed' | 'cancelled';
    name satisfies string | undefined;
    void [id, total - failed];
  }

  @OnQueueEvent('chain-finished')
  @OnQueueEvent('workflow-finished')
  onOther({ type }: QueueEvent<'chain-finished' | 'workflow-finished'>): void {
    void (type satisfies 'chain-finished' | 'workflow-finished');
  }
}

export function observables(events: QueueEvents): void {
  events.on('progress') satisfies Observable<QueueEvent<'progress'>>;
  events.all$ satisfies Observable<QueueEvent>;
  events.since('1-0:0').subscribe(({ type, cursor }) => [type, cursor]);
  events.on('completed').subscribe(({ result, cursor }) => [result, cursor]);
  // @ts-expect-error no such event
  events.on('finished');
  QueueModule.forRoot({ events: { everywhere: true, keep: 5 } });
  // @ts-expect-error a number
  QueueModule.forRoot({ events: { keep: '5' } });
}
