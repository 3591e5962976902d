import type { Model } from './model.js';
import { advance, IDLE, poll, push, resume, stall } from './operations.js';
import { INTERVAL, LEASE, QUEUE, type Subject } from './subject.interface.js';

export type Example = (model: Model, subject: Subject) => Promise<void>;

/** Sequences at which a driver and the model once differed, as explicit commands: a random run may not find them. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  async 'a stalled consumer claims a job that became due meanwhile, and resumes'(model, subject) {
    await push(model, subject, [{ id: 'job', body: `h${QUEUE}\n{}`, delay: LEASE, name: QUEUE }], false, false);
    stall(model, subject, 1);
    stall(model, subject, 0);
    await poll(model, subject, 0, { ...IDLE, settlements: [{ kind: 'complete', id: 'nobody', fence: 1 }] });
    await advance(model, subject, LEASE * 1000);
    await poll(model, subject, 1, { ...IDLE, limit: 1 }, true);
    await resume(model, subject, 1);
  },

  /** The heartbeat of the first consumer warns of the second one, and leaves a wake-up although nothing waits. */
  async 'a consumer resumes after a silence in which another consumer came near the end of its lease'(model, subject) {
    for (const slot of [0, 1]) await poll(model, subject, slot, IDLE);
    for (const slot of [0, 1]) stall(model, subject, slot);
    await advance(model, subject, 2 * INTERVAL + 1);
    await poll(model, subject, 0, IDLE);
    await resume(model, subject, 0);
  },
};
