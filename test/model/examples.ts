import type { NewJob } from '../../lib/drivers/queue-driver.interface.js';
import type { Model } from './model.js';
import {
  advance,
  cancel,
  claimsOf,
  clear,
  IDLE,
  move,
  note,
  obliterate,
  pauseQueue,
  poll,
  push,
  reschedule,
  resume,
  resumeQueue,
  setLimits,
  stall,
} from './operations.js';
import { GRACE, INTERVAL, LEASE, QUEUE, SLOTS, type Subject } from './subject.interface.js';
import { clearLate } from './wire-commands.js';

export type Example = (model: Model, subject: Subject) => Promise<void>;

/**
 * Explicit commands that a random run may not find: sequences at which a driver and the model once differed, and sequences in
 * which alone some fault shows (see `mutants`).
 */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  async 'a stalled consumer claims a job that became due meanwhile, and resumes'(model, subject) {
    await push(model, subject, [{ ...newJob('job'), delay: LEASE }], false, false);
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

  async 'a recovered job is delayed, and promoted'(model, subject) {
    await push(model, subject, [newJob('job')], false, false);
    await poll(model, subject, 0, { ...IDLE, limit: 1 });
    await poll(model, subject, 1, IDLE);
    stall(model, subject, 0);
    await advance(model, subject, LEASE * 1000 + 1);
    await poll(model, subject, 1, IDLE);
    await reschedule(model, subject, 'job', 5, true, false);
    await reschedule(model, subject, 'job', 'promote', true, false);
    await poll(model, subject, 1, { ...IDLE, limit: 1, recovered: true });
  },

  /** Nobody was there for a while: the workers get the time to come back, once. */
  async 'a queue is removed whose workers do not come back'(model, subject) {
    await push(model, subject, [newJob('one'), newJob('two')], false, false);
    for (const slot of [0, 1]) await poll(model, subject, slot, { ...IDLE, limit: 1 });
    for (let slot = 0; slot < SLOTS; slot++) stall(model, subject, slot);
    await advance(model, subject, LEASE * 1000 + GRACE);
    await obliterate(model, subject, false);
    await advance(model, subject, GRACE - 1);
    await obliterate(model, subject, false);
    await advance(model, subject, 1);
    await obliterate(model, subject, false);
    for (let slot = 0; slot < SLOTS; slot++) await resume(model, subject, slot);
  },

  async 'a failed job with a longer time of its own outlives one that failed before it'(model, subject) {
    for (const keep of [undefined, 600, undefined]) {
      await push(model, subject, [newJob(`kept for ${keep}, ${++model.pushes}`)], false, false);
      await poll(model, subject, 0, { ...IDLE, limit: 1 });
      const [claim] = claimsOf(model, 0);
      await poll(model, subject, 0, { ...IDLE, settlements: [{ kind: 'fail', ...claim!, error: 'no', keep }] });
      await advance(model, subject, keep === undefined ? 1 : 100_000);
    }
  },

  async 'a job holds the queue back for longer than the next one'(model, subject) {
    await push(model, subject, [newJob('one'), newJob('two'), newJob('three')], false, false);
    await poll(model, subject, 0, { ...IDLE, limit: 2 });
    for (const delay of [30, 5]) {
      const [claim] = claimsOf(model, 0);
      const told = { kind: 'release', delay, position: 'back', hold: 'queue' } as const;
      await poll(model, subject, 0, { ...IDLE, settlements: [{ ...told, ...claim! }] });
    }
    await advance(model, subject, 10_000);
    await poll(model, subject, 1, { ...IDLE, limit: 1 });
    await obliterate(model, subject, false);
    await push(model, subject, [newJob('four')], false, false);
    await poll(model, subject, 1, { ...IDLE, limit: 1 });
  },

  async 'a job holds its group back for longer than the next one'(model, subject) {
    const ofGroup = { isGenerated: true, traits: { group: 'a' } } as const;
    const jobs = ['one', 'two', 'three'].map((id) => Object.assign(newJob(id), ofGroup));
    await push(model, subject, jobs, true, false);
    await poll(model, subject, 0, { ...IDLE, limit: 2 });
    for (const delay of [30, 5]) {
      const [claim] = claimsOf(model, 0);
      const told = { kind: 'release', delay, position: 'back', hold: 'group' } as const;
      await poll(model, subject, 0, { ...IDLE, settlements: [{ ...told, ...claim! }] });
    }
    for (const milliseconds of [10_000, 20_000]) {
      await advance(model, subject, milliseconds);
      await poll(model, subject, 1, { ...IDLE, limit: 1 });
    }
  },

  async 'a clear of groups arrives late, behind a push'(model, subject) {
    const ofGroup = { isGenerated: true, traits: { group: 'a' } } as const;
    await push(model, subject, [Object.assign(newJob('one'), ofGroup)], true, false);
    await clear(model, subject, false);
    await advance(model, subject, 1_000);
    await push(
      model,
      subject,
      [Object.assign(newJob('two'), ofGroup), Object.assign(newJob('three'), ofGroup)],
      true,
      false,
    );
    if (subject.wire) await clearLate(model, subject, 'grouped');
    await poll(model, subject, 0, { ...IDLE, limit: 2 });
  },

  async 'a job tells more lines than its log has'(model, subject) {
    await push(model, subject, [newJob('job')], false, false);
    await poll(model, subject, 0, { ...IDLE, limit: 1 });
    const [claim] = claimsOf(model, 0);
    for (let count = 0; count < 2; count++) {
      await note(model, subject, 0, claim!, { age: 0, lines: 60, again: 0, twice: false });
    }
  },

  /** The numbers of notes begin anew with each attempt. */
  async 'a job tells something in its second attempt, and told more in its first one'(model, subject) {
    await push(model, subject, [newJob('job')], false, false);
    await poll(model, subject, 0, { ...IDLE, limit: 1 });
    const told = { lines: 0, again: 0, twice: false };
    const [first] = claimsOf(model, 0);
    for (let count = 0; count < 3; count++) await note(model, subject, 0, first!, { ...told, age: 0 });
    const retry = { kind: 'retry', ...first!, error: 'again', delay: 0 } as const;
    await poll(model, subject, 0, { ...IDLE, settlements: [retry], limit: 1 });
    const [second] = claimsOf(model, 0);
    await note(model, subject, 0, second!, { ...told, age: 2 });
  },

  /** A job became ready during the pause: nobody was woken. */
  async 'an operator resumes a queue, and an idle worker is woken'(model, subject) {
    await push(model, subject, [newJob('one')], false, false);
    await poll(model, subject, 0, { ...IDLE, limit: 1 });
    const [claim] = claimsOf(model, 0);
    await pauseQueue(model, subject, null, false);
    await poll(model, subject, 0, { ...IDLE, settlements: [{ kind: 'retry', ...claim!, error: 'again', delay: 5 }] });
    await advance(model, subject, 5_000);
    await poll(model, subject, 1, { ...IDLE, limit: 1 });
    await resumeQueue(model, subject, false);
    await poll(model, subject, 1, { ...IDLE, limit: 1 });
  },

  async 'an operator sets limits while jobs run, larger ones, and takes them back'(model, subject) {
    await push(model, subject, ['one', 'two', 'three', 'four', 'five'].map(newJob), false, false);
    await poll(model, subject, 0, { ...IDLE, limit: 2 });
    for (const limits of [{ concurrency: 1 }, { concurrency: 3, rateLimit: { max: 1, per: 6 } }, null]) {
      await setLimits(model, subject, limits, true);
      await advance(model, subject, 5_000);
      await poll(model, subject, 1, { ...IDLE, limit: 2 });
    }
  },

  /** A job became ready when the queue was at its limit: nobody was woken. */
  async 'an operator raises a limit, and an idle worker is woken'(model, subject) {
    await push(model, subject, [newJob('one'), newJob('two')], false, false);
    await poll(model, subject, 0, { ...IDLE, limit: 2 });
    await setLimits(model, subject, { concurrency: 1 }, false);
    const [claim] = claimsOf(model, 0);
    await poll(model, subject, 0, { ...IDLE, settlements: [{ kind: 'retry', ...claim!, error: 'again', delay: 5 }] });
    await advance(model, subject, 5_000);
    await poll(model, subject, 1, { ...IDLE, limit: 1 });
    await setLimits(model, subject, { concurrency: 2 }, false);
  },

  /** The records expire with the last waiting job, which is the last one of its priority, too. */
  async 'a queue is cleared that has a failed job, and one with a priority'(model, subject) {
    await push(model, subject, [newJob('one')], false, false);
    await poll(model, subject, 0, { ...IDLE, limit: 1 });
    const [claim] = claimsOf(model, 0);
    await poll(model, subject, 0, { ...IDLE, settlements: [{ kind: 'fail', ...claim!, error: 'no' }] });
    await push(model, subject, [{ ...newJob('two'), isGenerated: true, traits: { priority: -1 } }], true, false);
    await clear(model, subject, false);
  },

  /** The job has the first priority of its queue, and leaves the place of that priority in the same script. */
  async 'one push replaces a ready job twice, with a priority and without one'(model, subject) {
    const replacing = (id: string, delay: number, more: object): NewJob => ({
      ...newJob(id),
      delay,
      isGenerated: true,
      ...more,
    });
    await push(model, subject, [replacing('one', 1, { traits: { debounce: { key: 'Index' } } })], true, false);
    await advance(model, subject, 2_000);
    await poll(model, subject, 0, IDLE);
    const jobs = [
      replacing('two', 1, { traits: { debounce: { key: 'Index', maxWait: 1 }, priority: 3 } }),
      replacing('three', 1, { traits: { debounce: { key: 'Index' } } }),
    ];
    await push(model, subject, jobs, true, false);
    await advance(model, subject, 2_000);
    await poll(model, subject, 0, { ...IDLE, limit: 2 });
  },

  /** Two jobs of one key have failed, one after the other. */
  async 'a job stays where it is if the other queue has its key'(model, subject) {
    for (const id of ['one', 'two']) {
      const keyed = { isGenerated: true, traits: { unique: { key: 'Report', until: 'end' } } } as const;
      await push(model, subject, [{ ...newJob(id), ...keyed }], true, false);
      await poll(model, subject, 0, { ...IDLE, limit: 1 });
      const [claim] = claimsOf(model, 0);
      await poll(model, subject, 0, { ...IDLE, settlements: [{ kind: 'fail', ...claim!, error: 'no' }] });
    }
    for (const id of ['one', 'two']) {
      await move(model, subject, [id], { diesAfter: undefined, then: 'look', twice: false });
    }
  },

  /** Its list has the id twice: the first element is stale. */
  async 'a job of a group is cancelled, and pushed again'(model, subject) {
    const ofGroup = { replacesEnded: true, traits: { group: 'a' } } as const;
    const jobs = ['one', 'two', 'three'].map((id) => Object.assign(newJob(id), ofGroup));
    await push(model, subject, jobs, true, false);
    await cancel(model, subject, 'two', { reason: undefined, searches: false, twice: false });
    await push(model, subject, [jobs[1]!], true, false);
    for (let count = 0; count < 3; count++) await poll(model, subject, 0, { ...IDLE, limit: 1 });
  },

  /** What the storage notes of a queue has expired meanwhile; its jobs have not. */
  async 'jobs of a group are due after the queue was left alone for days'(model, subject) {
    const days = 2 * 86_400;
    const ofGroup = { delay: days, isGenerated: true, traits: { group: 'a' } } as const;
    await push(
      model,
      subject,
      [
        { ...newJob('one'), ...ofGroup },
        { ...newJob('two'), ...ofGroup },
      ],
      true,
      false,
    );
    for (let slot = 0; slot < SLOTS; slot++) stall(model, subject, slot);
    await advance(model, subject, days * 1000);
    await poll(model, subject, 0, { ...IDLE, limit: 1 });
    for (let slot = 0; slot < SLOTS; slot++) await resume(model, subject, slot);
  },
};

function newJob(id: string): NewJob {
  return { id, body: `h${QUEUE}\n{}`, delay: 0, name: QUEUE };
}
