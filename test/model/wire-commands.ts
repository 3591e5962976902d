import fc from 'fast-check';
import { Act, type ModelCommand } from './act.js';
import { expectSame } from './mismatch.js';
import type { Model } from './model.js';
import { verify } from './operations.js';
import { PLACES, type Place, type Subject } from './subject.interface.js';

const pick = fc.nat(20);

/** A poll arrives again, long after its answer. */
const latePolls = fc.record({ pick, back: fc.nat(2) }).map(
  (wish) =>
    new Act('a poll arrives late', wish, async (model, subject) => {
      const consumerId = anyOf(model, wish.pick);
      if (consumerId === undefined) return;
      const isGone = model.gone.has(consumerId);
      const reply = await subject.wire!.resendPoll(consumerId, wish.back, isGone);
      if (!reply) return;
      // The server keeps the answers to the last two polls.
      const expected = isGone ? 0 : wish.back < 2 ? 1 : -1;
      expectSame('answer', `to a late poll of ${consumerId}`, reply, expected);
      await verify(model, subject);
    }),
);

/** A consumer whose jobs were recovered sends the next poll, because it does not know that it was lost. */
const lostConsumers = pick.map(
  (each) =>
    new Act('a lost consumer polls', { pick: each }, async (model, subject) => {
      const consumerId = pickFrom([...model.gone], each);
      if (consumerId === undefined) return;
      const code = await subject.wire!.pollAsLost(consumerId, model.lostClaims.get(consumerId) ?? []);
      expectSame('answer', `to ${consumerId}, who was given up`, code, 0);
      await verify(model, subject);
    }),
);

const latePushes = fc.constant(0).map(
  () =>
    new Act('a push arrives late', {}, async (model, subject) => {
      const reply = await subject.wire!.resendPush();
      const told = Array.isArray(reply) ? toPushAnswer(reply as [unknown[], unknown[]]) : reply;
      const { lastPush } = model;
      const tells = lastPush.conflicts.length + lastPush.duplicates.length > 0;
      if (reply !== undefined) expectSame('answer', 'to a late push', told, tells ? lastPush : -1);
      await verify(model, subject);
    }),
);

/** The last clear of a place arrives again. */
export async function clearLate(model: Model, subject: Subject, place: Place): Promise<void> {
  const reply = await subject.wire!.resendClear(place);
  if (reply !== undefined) {
    // Of the jobs with a priority a message is for those of one.
    const ids = place === 'prioritized' ? model.waiting.firstRanked : [...model.waiting.in(place)];
    const { length } = ids;
    const dropped = model.drop(place, ids);
    const [, stay, gone] = reply as [number, number, number];
    // The first number has the stale elements too.
    expectSame('answer', 'to a late clear', [stay, gone], [length - dropped, dropped]);
  }
  await verify(model, subject);
}

const lateClears = fc
  .constantFrom<Place>(...PLACES)
  .map(
    (place) => new Act('a clear arrives late', { place }, async (model, subject) => clearLate(model, subject, place)),
  );

const heartbeats = fc.record({ pick, twice: fc.boolean() }).map(
  (wish) =>
    new Act('heartbeat', wish, async (model, subject) => {
      const consumerId = anyOf(model, wish.pick);
      if (consumerId === undefined) return;
      const reply = await subject.wire!.heartbeat(consumerId, wish.twice);
      const alive = model.isPaused || model.limits.heldUntil > model.now || model.cancelled.size > 0 ? 2 : 1;
      expectSame('answer', `to a heartbeat of ${consumerId}`, reply, model.gone.has(consumerId) ? 0 : alive);
      if (!model.gone.has(consumerId)) model.beat(consumerId);
      await verify(model, subject);
    }),
);

/** The events that only a storage with its own messages can meet, with their weights. */
export const wireCommands: readonly [number, fc.Arbitrary<ModelCommand>][] = [
  [2, latePolls],
  [1, lostConsumers],
  [1, latePushes],
  [1, lateClears],
  [1, heartbeats],
];

/** Reads what a push tells again: of each conflict the id and three more values, of each duplicate the index and the id. */
function toPushAnswer([conflicts, duplicates]: readonly [unknown[], unknown[]]) {
  return {
    conflicts: conflicts.filter((_, index) => index % 4 === 0),
    duplicates: Array.from({ length: duplicates.length / 2 }, (_, i) => [
      Number(duplicates[2 * i]),
      duplicates[2 * i + 1],
    ]),
  };
}

function anyOf(model: Model, index: number): string | undefined {
  return pickFrom([...model.consumers.keys(), ...model.gone], index);
}

function pickFrom<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}
