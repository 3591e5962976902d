import type { SystemName } from '../systems/system.interface.js';
import type { SubjectArguments } from './protocol.js';
import { Subject } from './subject.js';

/** The processes of one measurement, which end with it. */
export class SubjectPool {
  private readonly subjects: Subject[] = [];

  constructor(private readonly args: Omit<SubjectArguments, 'system'>) {}

  spawn(system: SystemName): Subject {
    const subject = new Subject({ ...this.args, system });
    this.subjects.push(subject);
    return subject;
  }

  async close(): Promise<void> {
    await Promise.all(this.subjects.splice(0).map((subject) => subject.close()));
  }
}
