import type { SystemName } from '../systems/system.interface.js';
import type { SubjectArguments } from './protocol.js';
import { Subject } from './subject.js';

/** Starts the processes of the systems. A measurement takes the processes that it needs, and releases them at its end. */
export class SubjectPool {
  private readonly taken: Subject[] = [];
  private readonly free: Subject[] = [];

  /** @param reuse true to use the processes again in the next measurement: this is faster, but less exact */
  constructor(
    private readonly args: Omit<SubjectArguments, 'system'>,
    private readonly reuse: boolean,
  ) {}

  take(system: SystemName): Subject {
    const index = this.free.findIndex((subject) => subject.system === system);
    const subject = index < 0 ? new Subject({ ...this.args, system }) : this.free.splice(index, 1)[0]!;
    this.taken.push(subject);
    return subject;
  }

  /** Ends a measurement: keeps its processes for the next one, or closes them. */
  async release(): Promise<void> {
    if (this.reuse) this.free.push(...this.taken.splice(0));
    else await this.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.taken.splice(0), ...this.free.splice(0)].map((subject) => subject.close()));
  }
}
