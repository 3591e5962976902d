import type { FlowCallback, FlowJob } from '../drivers/queue-flows.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import { deriveJobId } from '../job/job-id.js';
import type { PendingPush } from '../middleware/dispatch-stage.js';
import { InvalidFlowError } from '../queue.errors.js';

/** The dispatch pipeline, as far as flows need it. */
export interface FlowPipeline {
  /** Reads and checks jobs, as `pushMany` does. */
  prepareMany(jobs: unknown, args: readonly unknown[]): PendingPush[] | Promise<PendingPush[]>;
  /** Sends pushes through the dispatch stages, and gives the pushes that pass all stages to a function that stores them. */
  sendThrough(pushes: readonly PendingPush[], store: (pushes: readonly PendingPush[]) => Promise<void>): Promise<void>;
}

/** Where a job of a flow stands: the number of its node, or the name of its callback. */
export type FlowSeat = number | FlowCallback;

/** Returns the id of a job of a flow: always the same one, so that a second push adds nothing. */
export function idOf(ref: string, createdAt: number, queue: string, seat: FlowSeat): string {
  return deriveJobId(createdAt, queue, `${ref} ${seat}`);
}

/** Makes the jobs of one flow. */
export class FlowJobs {
  constructor(
    private readonly pipeline: FlowPipeline,
    private readonly codec: JobCodec,
    private readonly ref: string,
    private readonly createdAt: number,
  ) {}

  /**
   * Reads and checks jobs, and sends them through the dispatch stages. A stage must not take one away: others wait for it.
   *
   * @param seats where each job stands; the path of each job in messages
   * @throws as `pushMany` does; InvalidFlowError if a job has an option that a job of a flow cannot have
   */
  async make(jobs: readonly unknown[], seats: readonly (readonly [FlowSeat, string])[]): Promise<FlowJob[]> {
    const pushes = await this.pipeline.prepareMany(jobs, []);
    const pending = pushes.map((push, index) => this.seated(push, ...seats[index]!));
    let made: FlowJob[] = [];
    await this.pipeline.sendThrough(pending, async (through) => {
      if (through.length < pending.length) {
        throw InvalidFlowError.expected('The jobs of a flow', 'dispatch stages that call next()', 'one that does not');
      }
      made = through.map((push, index) => this.encode(push, seats[index]![0]));
    });
    return made;
  }

  private seated(push: PendingPush, seat: FlowSeat, path: string): PendingPush {
    if (push.unique) {
      throw InvalidFlowError.expected(`${path}.id`, 'none (its id follows from the flow)', push.id);
    }
    if (push.traits?.debounce) {
      throw InvalidFlowError.expected(
        `${path}.debounce`,
        'none (a job of a flow is not replaced)',
        push.traits.debounce.key,
      );
    }
    const { unique: _, ...traits } = push.traits ?? {};
    return { ...push, id: idOf(this.ref, this.createdAt, push.queue, seat), traits };
  }

  private encode(push: PendingPush, seat: FlowSeat): FlowJob {
    const { id, queue, delay, traits } = push;
    // A flow keeps the results of its nodes. A callback is no node.
    const own = typeof seat === 'number' ? { flow: this.ref, isAwaited: true as const } : {};
    const { body } = this.codec.encode({ ...push, options: { ...push.options, ...own } });
    return { id, queue, delay, body, traits };
  }
}
