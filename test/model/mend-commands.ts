import fc from 'fast-check';
import type { JobState } from '../../lib/job/job-status.js';
import { Act, type ModelCommand } from './act.js';
import type { Model } from './model.js';
import {
  claimsOf,
  move,
  moveBack,
  obliterate,
  poll,
  push,
  remove,
  replace,
  reschedule,
  retry,
  setPriority,
} from './operations.js';
import { MOVE_STEPS, QUEUE, SLOTS } from './subject.interface.js';

/** True if the answer is lost, and the client sends the same message again. */
const twice = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const ONLY: readonly (readonly JobState[])[] = [
  ['failed'],
  ['completed'],
  ['cancelled', 'failed'],
  ['delayed', 'retrying'],
  ['queued'],
];

const picks = fc.array(fc.nat(60), { minLength: 1, maxLength: 3 });

/** An operator puts jobs back: failed ones for the most part. */
const retries = fc.record({ picks, anyJob: fc.constantFrom(false, false, false, true), twice }).map(
  (wish) =>
    new Act('retry', wish, (model, subject) => {
      const failed = model.failed.map(({ job }) => job.id);
      return retry(model, subject, idsOf(wish.picks, wish.anyJob ? allIds(model) : failed), wish.twice);
    }),
);

/** An operator moves jobs to another queue, and may die meanwhile. */
const moves = fc
  .record({
    picks,
    anyJob: fc.constantFrom(false, false, false, true),
    diesAfter: fc.constantFrom(undefined, undefined, ...MOVE_STEPS),
    then: fc.constantFrom('look' as const, 'retry' as const, 'remove' as const),
    twice,
  })
  .map(
    (wish) =>
      new Act('move', wish, (model, subject) => {
        const failed = model.failed.map(({ job }) => job.id);
        const ids = [...new Set(idsOf(wish.picks, wish.anyJob ? allIds(model) : failed))];
        return move(model, subject, ids, wish);
      }),
  );

/** Jobs fail in the other queue, and an operator moves them back. */
const movesBack = fc
  .record({ twice })
  .map((wish) => new Act('move back', wish, (model, subject) => moveBack(model, subject, wish.twice)));

/** An operator removes jobs, in whatever place they are, or that are kept. */
const removals = fc
  .record({
    picks,
    only: fc.constantFrom<readonly JobState[] | undefined>(undefined, undefined, ...ONLY),
    searches: fc.nat(3),
    twice,
  })
  .map(
    (wish) =>
      new Act('remove', wish, (model, subject) =>
        remove(model, subject, idsOf(wish.picks, allIds(model)), wish.only, wish.searches === 0, wish.twice),
      ),
  );

/** A job fails, after some attempts, is put back, and claimed again. */
const returns = fc.record({ slot: fc.nat(SLOTS - 1), id: fc.nat(4), again: fc.boolean(), twice }).map(
  (wish) =>
    new Act('fail and retry', wish, async (model, subject) => {
      const id = `order/${wish.id}:ä`;
      const job = { id, body: `h${QUEUE}\n{"of":"${id}"}`, delay: 0, name: QUEUE, replacesEnded: true };
      await push(model, subject, [job], true, false);
      const { jobs } = await poll(model, subject, wish.slot, { settlements: [], limit: 3, recovered: true });
      const settlements = jobs.map(({ id: claimed, fence }) =>
        wish.again
          ? ({ kind: 'retry', id: claimed, fence, error: 'again', delay: 0 } as const)
          : ({ kind: 'fail', id: claimed, fence, error: 'no' } as const),
      );
      await poll(model, subject, wish.slot, { settlements, limit: 1, recovered: true });
      await retry(
        model,
        subject,
        model.failed.map(({ job: { id: failed } }) => failed),
        wish.twice,
      );
    }),
);

/** An operator changes when a job is due, wherever it is. */
const reschedulings = fc
  .record({
    pick: fc.nat(60),
    delay: fc.constantFrom('promote' as const, 'promote' as const, 0, 0.75, 5, 30),
    searches: fc.nat(3),
    twice,
  })
  .map(
    (wish) =>
      new Act('reschedule', wish, (model, subject) => {
        const [id] = idsOf([wish.pick], liveIds(model));
        return reschedule(model, subject, id!, wish.delay, wish.searches === 0, wish.twice);
      }),
  );

/** An operator gives a job another priority, wherever it is. */
const rankings = fc
  .record({ pick: fc.nat(60), priority: fc.constantFrom(0, 0, 1, 2, -1), searches: fc.nat(3), twice })
  .map(
    (wish) =>
      new Act('set priority', wish, (model, subject) => {
        const [id] = idsOf([wish.pick], allIds(model));
        return setPriority(model, subject, id!, wish.priority, { ...wish, searches: wish.searches === 0 });
      }),
  );

/** Jobs of a group come back, and an operator gives one of them another priority before it starts again. */
const rankedComebacks = fc.record({ slot: fc.nat(SLOTS - 1), priority: fc.constantFrom(0, 1, -1, -1), twice }).map(
  (wish) =>
    new Act('come back and set priority', wish, async (model, subject) => {
      const jobs = Array.from({ length: 2 }, () => {
        const id = `job-${String(++model.pushes).padStart(4, '0')}`;
        return { id, body: `h${QUEUE}\n{}`, delay: 0, isGenerated: true as const, traits: { group: 'a' } };
      });
      await push(model, subject, jobs, true, false);
      const { jobs: claimed } = await poll(model, subject, wish.slot, { settlements: [], limit: 4, recovered: false });
      const settlements = claimed.map(
        ({ id, fence }) => ({ kind: 'retry', id, fence, error: 'again', delay: 0 }) as const,
      );
      await poll(model, subject, wish.slot, { settlements, limit: 0, recovered: false });
      for (const { id } of claimed.slice(0, 2)) {
        await setPriority(model, subject, id, wish.priority, { searches: true, twice: wish.twice });
      }
      await poll(model, subject, wish.slot, { settlements: [], limit: 2, recovered: false });
    }),
);

/** An operator replaces the data of a job, which may have another name than he believes. */
const replacements = fc
  .record({ pick: fc.nat(60), name: fc.constantFrom(QUEUE, QUEUE, QUEUE, QUEUE.slice(1)), twice })
  .map(
    (wish) =>
      new Act('replace', wish, (model, subject) => {
        const [id] = idsOf([wish.pick], allIds(model));
        const body = `h${wish.name}\n"${'new '.repeat(wish.pick)}"`;
        return replace(model, subject, id!, `h${wish.name}`, body, wish.twice);
      }),
  );

/** An operator removes the queue, when nothing runs, or although something does. */
const obliterations = fc.record({ ends: fc.boolean(), twice }).map(
  (wish) =>
    new Act('obliterate', wish, async (model, subject) => {
      for (let slot = 0; wish.ends && slot < SLOTS; slot++) {
        const settlements = claimsOf(model, slot).map(({ id, fence }) => ({ kind: 'complete', id, fence }) as const);
        if (settlements.length > 0) await poll(model, subject, slot, { settlements, limit: 0, recovered: false });
      }
      await obliterate(model, subject, wish.twice);
    }),
);

/** The commands of an operator, with their weights. */
export const mendCommands: readonly [number, fc.Arbitrary<ModelCommand>][] = [
  [4, retries],
  [4, moves],
  [2, movesBack],
  [2, removals],
  [2, returns],
  [4, reschedulings],
  [4, rankings],
  [1, rankedComebacks],
  [2, replacements],
  [1, obliterations],
];

function liveIds(model: Model): string[] {
  return [...model.jobs.keys(), 'nobody'];
}

function allIds(model: Model): string[] {
  const kept = [...model.failed, ...model.completed].map(({ job }) => job.id);
  return [...kept, ...model.jobs.keys(), ...model.ended.keys(), 'nobody'];
}

function idsOf(wished: readonly number[], ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : wished.map((pick) => ids[pick % ids.length]!);
}
