import type { AddedJob, FlowEnd, StorageObserver } from '../drivers/storage-observer.interface.js';
import { flowEndState } from '../job/flow-end.js';
import { flowIdByKind } from '../job/flow-ref.js';
import type { Carried } from '../job/job-context-carrier.interface.js';
import { carriedInHeader, labelsInHeader, nameInRecord } from '../job/job-record.js';
import type { Clock } from '../support/clock.js';
import type { QueueEventMap, QueueEventType } from './queue-event.interface.js';

/** The part of `QueueEvents` that takes events. */
export interface EventSink {
  readonly observed: Readonly<Record<QueueEventType, boolean>>;
  emit<T extends QueueEventType>(type: T, event: QueueEventMap[T], carried?: Carried): void;
  /** Resolves when the events up to now have left this process; `undefined` if they stay here. */
  sent(): Promise<void> | undefined;
}

/** Emits the events of what happens in the storage: `pushed` of jobs of flows and of schedules, and the ends of flows. */
export class StorageEvents implements StorageObserver {
  constructor(
    private readonly sink: EventSink,
    private readonly clock: Clock,
  ) {}

  get hearsPushes(): boolean {
    return this.sink.observed.pushed;
  }

  get hearsEnds(): boolean {
    const { observed } = this.sink;
    return observed['batch-finished'] || observed['chain-finished'] || observed['workflow-finished'];
  }

  pushed(queue: string, jobs: readonly AddedJob[]): void {
    const time = new Date(this.clock.now());
    for (const { id, body } of jobs) {
      const header = body.slice(0, body.indexOf('\n') + 1);
      const event = { time, queue, id, name: nameInRecord(header) ?? '', attempt: 0, ...labelsInHeader(header) };
      this.sink.emit('pushed', event, carriedInHeader(header));
    }
  }

  ended(ref: string, { createdAt, finishedAt, ...counts }: FlowEnd): Promise<void> | undefined {
    const [[kind, id] = []] = Object.entries(flowIdByKind(ref) ?? {});
    if (kind === undefined || id === undefined) return undefined;
    const type = `${kind as 'batch' | 'chain' | 'workflow'}-finished` as const;
    if (!this.sink.observed[type]) return undefined;
    const time = new Date(this.clock.now());
    this.sink.emit(type, { time, id, state: flowEndState(counts), ...counts, duration: finishedAt - createdAt });
    return this.sink.sent();
  }
}
