import type { QueueDriver, PollResult } from '../../../lib/drivers/queue-driver.interface.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { quiet } from '../../support/quiet.js';
import { tapped } from '../../support/tapped-driver.js';

/** Wraps a storage that handles each poll at once, and holds its replies until the test lets them arrive. */
export class SlowAnswers {
  private held: { readonly queue: string; readonly go: Deferred<void> }[] = [];
  private slow = true;

  readonly wrap = (driver: QueueDriver): QueueDriver =>
    tapped(driver, async ({ queue, send }): Promise<PollResult> => {
      const result = await send();
      if (!this.slow) return result;
      const go = deferred();
      this.held.push({ queue, go });
      await go.promise;
      return result;
    });

  /** The queues whose replies are held, sorted. */
  get awaited(): string[] {
    return this.held.map(({ queue }) => queue).sort();
  }

  /** Lets the replies of these queues arrive in this order, at the same time, and waits until the worker is at rest. */
  async arrive(...queues: string[]): Promise<void> {
    for (const name of queues) {
      const answer = this.held.find(({ queue }) => queue === name);
      if (!answer) throw new Error(`No answer of queue ${name} is on its way, only of ${this.awaited.join(', ')}`);
      this.held = this.held.filter((each) => each !== answer);
      answer.go.resolve();
    }
    await quiet();
  }

  /** Lets replies arrive until none is held. */
  async arriveAll(): Promise<void> {
    while (this.held.length > 0) await this.arrive(this.held[0]!.queue);
  }

  /** Lets each later reply arrive at once. */
  async endSlowness(): Promise<void> {
    this.slow = false;
    await this.arriveAll();
  }
}
