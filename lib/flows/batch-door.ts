import { Injectable } from '@nestjs/common';
import { InvalidFlowError } from '../queue.errors.js';

type Add = (id: string, jobs: unknown) => Promise<number>;

/** Lets running jobs add to their batch: the worker knows nothing of dispatching, and the manager nothing of workers. */
@Injectable()
export class BatchDoor {
  private adds: Add | undefined;

  /** @param add adds jobs to a batch, and returns how many it has then */
  open(add: Add): void {
    this.adds = add;
  }

  /** @throws as `QueueManager.addToBatch` does */
  async add(id: string, jobs: unknown): Promise<number> {
    if (!this.adds) throw InvalidFlowError.noManager(id);
    return this.adds(id, jobs);
  }
}
