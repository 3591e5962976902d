import type { JobTraits } from '../drivers/job-traits.interface.js';
import type { FlowCallback, FlowJob } from '../drivers/queue-flows.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import { memberId } from '../job/flow-ref.js';
import { SerialIds } from '../job/serial-ids.js';
import type { PendingPush } from '../middleware/dispatch-stage.js';
import { InvalidFlowError } from '../queue.errors.js';

/** The dispatch pipeline, as far as flows need it. */
export interface FlowPipeline {
  /** Reads and checks jobs, as `pushMany` does. */
  prepareMany(jobs: unknown, args: readonly unknown[], first?: number): PendingPush[] | Promise<PendingPush[]>;
  /** Sends pushes through the dispatch stages, and gives the pushes that pass all stages to a function that stores them. */
  sendThrough(pushes: readonly PendingPush[], store: (pushes: readonly PendingPush[]) => Promise<void>): Promise<void>;
}

/** Where a job of a flow stands: the number of its node, or the name of its callback. */
export type FlowSeat = number | FlowCallback;

/** The seats of some jobs. */
export interface FlowSeats {
  /** The number of the first job among all of the flow, for messages. */
  readonly first?: number;
  seatOf(index: number): FlowSeat;
  /** Where a job stands among the arguments. */
  pathOf(index: number): string;
  /** Returns a generated id in place of one that follows from the seat. */
  idFor?(queue: string): string;
}

/** Makes the jobs of one flow. */
export class FlowJobs {
  private serial: SerialIds | undefined;

  constructor(
    private readonly pipeline: FlowPipeline,
    private readonly codec: JobCodec,
    private readonly ref: string,
    readonly createdAt: number,
    /** Whether the flow keeps the results of its jobs. */
    private readonly keepsResults = true,
  ) {}

  /**
   * Reads and checks jobs, and sends them through the dispatch stages. A stage must not take one away: others wait for it.
   *
   * @throws as `pushMany` does; InvalidFlowError if a job has an option that a job of a flow cannot have
   */
  async make(jobs: readonly unknown[], seats: FlowSeats): Promise<FlowJob[]> {
    const pushes = await this.pipeline.prepareMany(jobs, [], seats.first);
    const pending = pushes.map((push, index) => this.seated(push, index, seats));
    let made: FlowJob[] = [];
    await this.pipeline.sendThrough(pending, async (through) => {
      if (through.length < pending.length) {
        throw InvalidFlowError.expected('The jobs of a flow', 'dispatch stages that call next()', 'one that does not');
      }
      made = through.map((push) => this.encode(push));
    });
    return made;
  }

  private seated(push: PendingPush, index: number, seats: FlowSeats): PendingPush {
    if (push.unique) {
      throw InvalidFlowError.expected(`${seats.pathOf(index)}.id`, 'none (its id follows from the flow)', push.id);
    }
    if (push.traits?.debounce) {
      throw InvalidFlowError.expected(
        `${seats.pathOf(index)}.debounce`,
        'none (a job of a flow is not replaced)',
        push.traits.debounce.key,
      );
    }
    const traits = push.traits && withoutKey(push.traits);
    const { queue } = push;
    const seat = seats.seatOf(index);
    const id = seats.idFor?.(queue) ?? this.idOf(queue, seat);
    // A callback is no node.
    if (typeof seat !== 'number') return { ...push, id, traits };
    // A batch may push it again under another id.
    const own = this.keepsResults ? { flow: this.ref, isAwaited: true as const } : { flow: this.ref, source: id };
    return { ...push, id, traits, options: { ...push.options, ...own } };
  }

  private idOf(queue: string, seat: FlowSeat): string {
    const { ref, createdAt } = this;
    if (typeof seat !== 'number') return memberId(ref, createdAt, queue, seat);
    this.serial ??= new SerialIds(ref, createdAt);
    return this.serial.of(queue, seat);
  }

  private encode(push: PendingPush): FlowJob {
    const { id, queue, delay, traits } = push;
    return { id, queue, delay, body: this.codec.encode(push).body, traits };
  }
}

/** Returns the traits of a job without its unique key, which is not applied in a flow. */
function withoutKey(all: JobTraits): JobTraits {
  const { unique: _, ...traits } = all;
  return traits;
}
