import type { Clock } from '../../support/clock.js';
import type { JoinedWorker, QueueWorkers, WorkerSign } from '../queue-workers.interface.js';

/** The workers of this process. They are asked when somebody reads, so that they need no timer. */
export class ArrayWorkers implements QueueWorkers {
  private readonly texts = new Map<string, () => string>();

  constructor(
    private readonly clock: Clock,
    private readonly assertOpen: () => void,
  ) {}

  join(id: string, text: () => string): JoinedWorker {
    this.texts.set(id, text);
    return { changed() {}, leave: () => void this.texts.delete(id) };
  }

  async read(): Promise<WorkerSign[]> {
    this.assertOpen();
    const lastSeenAt = this.clock.now();
    return [...this.texts].map(([id, text]) => ({ id, text: text(), lastSeenAt }));
  }
}
