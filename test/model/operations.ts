import type { JobState } from '../../lib/job/job-status.js';
import type { CancelledJob } from '../../lib/drivers/queue-cancellations.interface.js';
import type { NewJob, Settlement, PollRequest, PollResult } from '../../lib/drivers/queue-driver.interface.js';
import type { StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import { JobIdConflictError } from '../../lib/queue.errors.js';
import { expectSame, expectThat } from './mismatch.js';
import { check } from './model-check.js';
import type { Model, Prediction, PushAnswer } from './model.js';
import {
  INTERVAL,
  type Claim,
  type Delivery,
  type MoveStep,
  type Snapshot,
  type Subject,
} from './subject.interface.js';

/**
 * The margins around the moment at which ended jobs expire, in milliseconds: storages round it to seconds, so no check
 * runs inside them.
 */
const BLURRED = { before: 3_000, after: 1_000 };

export async function push(model: Model, subject: Subject, jobs: NewJob[], unique: boolean, twice: boolean) {
  const answer = await answerOf(() => subject.push(jobs, unique, twice));
  const expected = model.push(jobs, unique);
  expectSame('answer', 'the ids of other jobs', answer.conflicts, expected.conflicts);
  // An error names the conflicts alone.
  if (expected.conflicts.length === 0) expectSame('answer', 'the duplicates', answer.duplicates, expected.duplicates);
  await verify(model, subject);
}

async function answerOf(pushing: () => ReturnType<Subject['push']>): Promise<PushAnswer> {
  try {
    const exceptions = await pushing();
    return {
      conflicts: [],
      duplicates: (exceptions ?? []).map(
        ({ index, outcome, id }) => [index, outcome === 'duplicate' ? id : `~${id}`] as const,
      ),
    };
  } catch (error) {
    if (error instanceof JobIdConflictError) return { conflicts: error.ids, duplicates: [] };
    throw error;
  }
}

export async function poll(model: Model, subject: Subject, slot: number, request: PollRequest, twice = false) {
  const consumer = model.slots[slot]!;
  // The poll promotes due jobs itself, so that counting changes nothing.
  const ask = { statuses: model.nextAsked(), counts: true };
  const { consumerId, result, seen } = await subject.poll(slot, request, twice, ask);
  const { lost, jobs } = result;
  if (model.gone.has(consumerId)) {
    expectToBeLost(consumerId, request, result, true);
    consumer.consumerId = undefined;
    if (model.traits.countingPromotes) model.promote();
  } else {
    expectSame(
      'answer',
      'who was lost',
      { lost, consumerId },
      { lost: false, consumerId: consumer.consumerId ?? consumerId },
    );
    consumer.consumerId = consumerId;
    const prediction = model.poll(
      consumerId,
      request,
      seen,
      jobs.map(({ id }) => id),
    );
    compareAnswers(result, prediction);
    model.handOut(consumerId, jobs);
  }
  check(model, seen);
  return result;
}

/** Sends two polls in flight at once. They take effect in their order; the answers may arrive in any order. */
export async function pollTwo(
  model: Model,
  subject: Subject,
  slot: number,
  requests: readonly [PollRequest, PollRequest],
  delivery: Delivery,
) {
  const consumer = model.slots[slot]!;
  const ask = { statuses: model.nextAsked(), counts: true };
  const { consumerId, results, seen } = await subject.pollTwo(slot, requests, delivery, ask);
  if (model.gone.has(consumerId)) {
    // The first poll that learns of the loss reports it: the network decides which poll that is.
    const first = Math.max(
      results.findIndex(({ lost }) => lost),
      0,
    );
    results.forEach((result, i) => expectToBeLost(consumerId, requests[i]!, result, i === first));
    consumer.consumerId = undefined;
    if (model.traits.countingPromotes) model.promote();
  } else {
    consumer.consumerId = consumerId;
    for (const [i, result] of results.entries()) {
      expectSame('answer', 'who was lost', result.lost, false);
      const claimed = result.jobs.map(({ id }) => id);
      const prediction = model.poll(consumerId, requests[i]!, seen, claimed);
      // The answer to the first poll may be replayed after the second poll was executed.
      if (i === 1 || delivery === 'in order') compareAnswers(result, prediction);
      else compareAnswers(result, { ...prediction, ...leftOf(result) });
      model.handOut(consumerId, result.jobs);
    }
  }
  check(model, seen);
}

function expectToBeLost(consumerId: string, request: PollRequest, result: PollResult, isFirst: boolean) {
  const { lost, jobs, refused } = result;
  const expected = { lost: isFirst, jobs: [], refused: request.settlements.map(({ id }) => id) };
  expectSame('answer', `to ${consumerId}, which was lost`, { lost, jobs, refused }, expected);
}

/** Returns the part of an answer that describes the present state. */
function leftOf({ more, recovered, paused, limited, blocked, held, cancelled, nextDue }: PollResult) {
  return { more, recovered, paused, limited, blocked, held, cancelled, nextDue };
}

export async function clear(model: Model, subject: Subject, twice: boolean) {
  const dropped = await subject.clear(twice);
  const expected = model.clear();
  // The number of jobs that were dropped with a lost answer is unknown.
  if (!twice) expectSame('answer', 'to clear', dropped, expected);
  expectThat('answer', dropped <= expected, `clear dropped ${dropped} of ${expected}`);
  await verify(model, subject);
}

/** What a note brings. */
export interface NoteWish {
  /** How many notes were sent since, by any job: a late copy has a lower number than the last note of its job. */
  readonly age: number;
  /** How many lines it logs, and how many of them it may have logged before. */
  readonly lines: number;
  readonly again: number;
  readonly twice: boolean;
}

export async function note(model: Model, subject: Subject, slot: number, claim: Claim, wish: NoteWish) {
  const { age, lines, again, twice } = wish;
  const number = Math.max(++model.notes - age, 1);
  const values = { progress: `{"step":${model.notes},"of":[]}`, checkpoint: `step "${model.notes}"` };
  const before = Math.max((model.jobs.get(claim.id)?.loggedBy(claim.fence) ?? 0) - again, 0);
  const log = { before, lines: Array.from({ length: lines }, (_, i) => `note ${model.notes},\n"line" ${before + i}`) };
  const told = lines > 0 ? { ...values, log } : values;
  const taken = await subject.note(slot, claim, number, told, twice);
  expectSame('answer', `to a note of ${claim.id}`, taken, model.note(slot, claim, number, told));
  await verify(model, subject);
}

export async function cancel(model: Model, subject: Subject, id: string, wish: CancelWish) {
  const { reason, searches, twice } = wish;
  const answer = await subject.cancel(id, reason, searches, twice);
  const first = model.cancel(id, reason);
  expectSame('answer', `to the cancellation of ${id}`, answer, first);
  await verify(model, subject);
}

/** Cancels all jobs that were pushed by then; or those of some, which may be unknown, or were pushed later. */
export async function cancelAll(
  model: Model,
  subject: Subject,
  { pushedBy, ids, searches, twice }: { pushedBy: number; ids?: readonly string[]; searches: boolean; twice: boolean },
) {
  const live = await subject.live(pushedBy);
  expectSame('answer', 'live jobs', live.toSorted(), model.live(pushedBy).toSorted());
  const chosen = ids ?? live;
  const cancelled = await subject.cancelSome(chosen, pushedBy, searches, twice);
  expectSame('answer', 'to the cancellation of many', cancelled, model.cancelSome(chosen, pushedBy));
  await verify(model, subject);
}

export interface CancelWish {
  readonly reason: string | undefined;
  /** Whether the storage may search long lists. */
  readonly searches: boolean;
  readonly twice: boolean;
}

export async function retry(model: Model, subject: Subject, ids: readonly string[], twice: boolean) {
  const count = await subject.retry(ids, twice);
  expectSame('answer', 'to a retry', count, model.retry(ids));
  await verify(model, subject);
}

/** Moves failed jobs to the other queue. If the mover dies, the next one who asks finds its jobs in one of the two queues. */
export async function move(model: Model, subject: Subject, ids: readonly string[], wish: MoveWish) {
  const { diesAfter, then, twice } = wish;
  const count = await subject.move(ids, diesAfter, twice);
  const expected = diesAfter === 'move-out' ? 0 : model.move(ids);
  if (diesAfter === undefined) expectSame('answer', 'to a move', count, expected);
  else if (then === 'retry') await retry(model, subject, ids, twice);
  else if (then === 'remove') await remove(model, subject, ids, ['failed'], true, twice);
  else await subject.endMoves(twice);
  await verify(model, subject);
}

export interface MoveWish {
  readonly diesAfter: MoveStep | undefined;
  /** What somebody else does after its death. */
  readonly then: 'look' | 'retry' | 'remove';
  readonly twice: boolean;
}

export async function moveBack(model: Model, subject: Subject, twice: boolean) {
  // A job whose key is taken would stay failed in the other queue, which the model does not know.
  if (model.isTakenWithin) return;
  const count = await subject.moveBack(twice);
  expectSame('answer', 'to a move back', count, model.moveBack());
  await verify(model, subject);
}

export async function remove(
  model: Model,
  subject: Subject,
  ids: readonly string[],
  only: readonly JobState[] | undefined,
  searches: boolean,
  twice: boolean,
) {
  const count = await subject.remove(ids, only, searches, twice);
  expectSame('answer', 'to a removal', count, model.remove(ids, only));
  await verify(model, subject);
}

export async function reschedule(
  model: Model,
  subject: Subject,
  id: string,
  delay: number | 'promote',
  searches: boolean,
  twice: boolean,
) {
  const promotes = delay === 'promote';
  const changed = promotes
    ? await subject.promote(id, searches, twice)
    : await subject.reschedule(id, delay, searches, twice);
  const expected = promotes ? model.reschedule(id, 0, 'delayed') : model.reschedule(id, delay);
  expectSame('answer', `to a new time for ${id}`, changed, expected);
  await verify(model, subject);
}

export async function setPriority(model: Model, subject: Subject, id: string, priority: number, wish: SearchWish) {
  const changed = await subject.setPriority(id, priority, wish.searches, wish.twice);
  expectSame('answer', `to a new priority of ${id}`, changed, model.setPriority(id, priority));
  await verify(model, subject);
}

interface SearchWish {
  /** Whether the storage may search long lists. */
  readonly searches: boolean;
  readonly twice: boolean;
}

export async function replace(
  model: Model,
  subject: Subject,
  id: string,
  header: string,
  body: string,
  twice: boolean,
) {
  const replaced = await subject.replace(id, header, body, twice);
  expectSame('answer', `to a new record of ${id}`, replaced, model.replace(id, header, body));
  await verify(model, subject);
}

export async function obliterate(model: Model, subject: Subject, twice: boolean) {
  const running = await subject.obliterate(twice);
  const seen = await look(model, subject, mayCount(model, model.now));
  expectSame('answer', 'to the removal of the queue', running, model.obliterate(seen));
  check(model, seen);
}

export async function pauseQueue(model: Model, subject: Subject, milliseconds: number | null, twice: boolean) {
  await subject.pauseQueue(milliseconds, twice);
  model.pause = { until: milliseconds === null ? Infinity : model.now + milliseconds };
  await verify(model, subject);
}

export async function resumeQueue(model: Model, subject: Subject, twice: boolean) {
  await subject.resumeQueue(twice);
  model.pause = undefined;
  await verify(model, subject);
}

export async function setLimits(model: Model, subject: Subject, limits: StartLimits | null, twice: boolean) {
  await subject.setLimits(limits, twice);
  model.limits.set = limits ?? undefined;
  // Workers are woken to look at the new limits.
  model.blocked = false;
  await verify(model, subject);
}

export async function endHold(model: Model, subject: Subject, twice: boolean) {
  // In which order groups go on is the choice of the storage.
  if (model.waiting.inGroups.areHeld(model.now)) return;
  await subject.endHold(twice);
  if (model.limits.heldUntil > model.now) model.blocked = false;
  model.limits.heldUntil = 0;
  await verify(model, subject);
}

export async function close(model: Model, subject: Subject, slot: number, twice: boolean) {
  await subject.close(slot, twice);
  model.close(slot);
  await verify(model, subject);
}

export function stall(model: Model, subject: Subject, slot: number) {
  subject.stall(slot);
  model.slots[slot]!.awake = false;
}

export async function resume(model: Model, subject: Subject, slot: number) {
  if (model.slots[slot]!.awake) return;
  model.slots[slot]!.awake = true;
  // A heartbeat right after a poll leaves no other trace.
  model.warned = true;
  await subject.resume(slot);
  const seen = await look(model, subject, mayCount(model, model.now));
  model.signsSeen(seen);
  check(model, seen);
}

export async function advance(model: Model, subject: Subject, milliseconds: number) {
  const end = model.now + milliseconds;
  while (model.now < end) {
    const isAnyAwake = model.slots.some((slot) => slot.awake && model.consumers.has(slot.consumerId ?? ''));
    const next = clearOf(model, isAnyAwake ? Math.min(end, model.now + INTERVAL) : end);
    const part = next - model.now;
    await subject.advance(part);
    const seen = await look(model, subject, mayCount(model, next));
    model.timePassed(part, seen);
    check(model, seen);
  }
}

/** Reads the state of the storage, and compares it with the model. */
export async function verify(model: Model, subject: Subject) {
  check(model, await look(model, subject, mayCount(model, model.now)));
}

/** Returns the claims of the consumer of a slot, or those of all other consumers. */
export function claimsOf(model: Model, slot: number, others = false): Claim[] {
  const own = model.slots[slot]!.consumerId;
  return [...model.consumers]
    .filter(([key]) => (key === own) !== others)
    .flatMap(([, { claims }]) => [...claims].map(([id, fence]) => ({ id, fence })));
}

export const IDLE: PollRequest = { settlements: [], limit: 0, recovered: false };

export function putBack({ id, fence }: Claim): Settlement {
  return { kind: 'release', id, fence, delay: 0, position: 'front' };
}

function look(model: Model, subject: Subject, counts: boolean): Promise<Snapshot> {
  return subject.look({ statuses: model.nextAsked(), counts });
}

function mayCount(model: Model, now: number): boolean {
  return !model.traits.countingPromotes || (model.waiting.nextDue ?? Infinity) > now;
}

/** Returns a time at which it is certain which statuses are kept. */
function clearOf(model: Model, time: number): number {
  const kept = [...model.completed, ...model.failed, ...model.ended.values()];
  const ends = kept.map(({ expiresAt }) => expiresAt);
  for (const end of ends.sort((a, b) => a - b)) {
    if (time <= end + BLURRED.after && time > end - BLURRED.before) time = end + BLURRED.after + 1;
  }
  return time;
}

function compareAnswers(result: PollResult, predicted: Prediction) {
  const { refused, jobs, nextDue, danglingIds } = result;
  // The model has no fences: it only checks that they grow.
  const expected = predicted.jobs.map((job, i) => ({ ...job, fence: jobs[i]?.fence }));
  expectSame('answer', 'jobs', jobs, expected);
  expectSame('answer', 'refused', refused.toSorted(), predicted.refused.toSorted());
  expectSame('answer', 'danglingIds', danglingIds, []);
  const [cancelled, expectedCancelled] = [result, predicted].map((each) => each.cancelled.map(plain).toSorted(byId));
  expectSame('answer', 'cancelled jobs', cancelled, expectedCancelled);
  const [takenOver, expectedTakenOver] = [result, predicted].map((each) => each.takenOver.toSorted(byId));
  expectSame('answer', 'taken over', takenOver, expectedTakenOver);
  const [left, expectedLeft] = [result, predicted].map(({ more, recovered, limited, blocked, held }) => ({
    more,
    recovered,
    limited,
    blocked,
    held,
  }));
  expectSame('answer', 'what is left', left, expectedLeft);
  // Storages round up.
  const isDue = nextDue === predicted.nextDue || nextDue === (predicted.nextDue ?? NaN) + 1;
  expectThat('answer', isDue, `the next job is due in ${nextDue}, and not in ${predicted.nextDue}`);
}

function plain({ id, reason }: CancelledJob) {
  return { id, reason };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}
