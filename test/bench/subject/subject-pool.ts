import type { SystemName } from '../systems/system.interface.js';
import type { SubjectArguments } from './protocol.js';
import { Subject } from './subject.js';

/** The processes of the systems. A measurement takes what it needs, and gives it back. */
export class SubjectPool {
  private readonly taken: Subject[] = [];
  private readonly free: Subject[] = [];

  /** @param lasting whether the processes of one measurement serve the next: that takes less time, and tells less */
  constructor(
    private readonly args: Omit<SubjectArguments, 'system'>,
    private readonly lasting: boolean,
  ) {}

  take(system: SystemName): Subject {
    const index = this.free.findIndex((subject) => subject.system === system);
    const subject = index < 0 ? new Subject({ ...this.args, system }) : this.free.splice(index, 1)[0]!;
    this.taken.push(subject);
    return subject;
  }

  /** Takes all back: the measurement has ended. */
  async giveBack(): Promise<void> {
    if (this.lasting) this.free.push(...this.taken.splice(0));
    else await this.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.taken.splice(0), ...this.free.splice(0)].map((subject) => subject.close()));
  }
}
