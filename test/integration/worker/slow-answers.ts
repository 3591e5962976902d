import type { QueueDriver, PollResult } from '../../../lib/drivers/queue-driver.interface.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { quiet } from '../../support/quiet.js';
import { tapped } from '../../support/tapped-driver.js';

/** A storage that does what it is asked at once, but whose answers come when the test lets them. */
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

  /** Of which queues answers are on their way. */
  get awaited(): string[] {
    return this.held.map(({ queue }) => queue).sort();
  }

  /** Lets the answers of these queues arrive, in this order and in the same moment; then everything comes to rest. */
  async arrive(...queues: string[]): Promise<void> {
    for (const name of queues) {
      const answer = this.held.find(({ queue }) => queue === name);
      if (!answer) throw new Error(`No answer of queue ${name} is on its way, only of ${this.awaited.join(', ')}`);
      this.held = this.held.filter((each) => each !== answer);
      answer.go.resolve();
    }
    await quiet();
  }

  /** Lets answers arrive until none is on its way. */
  async arriveAll(): Promise<void> {
    while (this.held.length > 0) await this.arrive(this.held[0]!.queue);
  }

  /** From now on answers come at once. */
  async endSlowness(): Promise<void> {
    this.slow = false;
    await this.arriveAll();
  }
}
