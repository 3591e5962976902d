import fc from 'fast-check';
import { Act, type ModelCommand } from './act.js';
import { expectSame } from './mismatch.js';
import type { Model } from './model.js';
import { verify } from './operations.js';
import type { Place } from './subject.interface.js';

const pick = fc.nat(20);

/** A step arrives again, long after its answer. */
const lateSteps = fc.record({ pick, back: fc.nat(2) }).map(
  (wish) =>
    new Act('a step arrives late', wish, async (model, subject) => {
      const holder = anyOf(model, wish.pick);
      if (holder === undefined) return;
      const isGone = model.gone.has(holder);
      const reply = await subject.wire!.resendStep(holder, wish.back, isGone);
      if (!reply) return;
      const expected = isGone ? 0 : wish.back === 0 ? 1 : -1;
      expectSame('answer', `to a late step of ${holder}`, reply, expected);
      await verify(model, subject);
    }),
);

/** Somebody whose jobs were taken over sends the next step, in the belief to hold them still. */
const goners = pick.map(
  (each) =>
    new Act('a lost holder steps', { pick: each }, async (model, subject) => {
      const holder = pickFrom([...model.gone], each);
      if (holder === undefined) return;
      const code = await subject.wire!.stepAsGoner(holder, model.lostClaims.get(holder) ?? []);
      expectSame('answer', `to ${holder}, who was given up`, code, 0);
      await verify(model, subject);
    }),
);

const latePushes = fc.constant(0).map(
  () =>
    new Act('a push arrives late', {}, async (model, subject) => {
      const reply = await subject.wire!.resendPush();
      if (reply !== undefined) expectSame('answer', 'to a late push', reply, -1);
      await verify(model, subject);
    }),
);

const lateClears = fc.constantFrom<Place>('ready', 'suspects', 'delayed').map(
  (place) =>
    new Act('a clear arrives late', { place }, async (model, subject) => {
      const reply = await subject.wire!.resendClear(place);
      if (reply !== undefined) {
        const { length } = model.lanes[place];
        const dropped = model.drop(place);
        expectSame('answer', 'to a late clear', reply, [length, length - dropped, dropped]);
      }
      await verify(model, subject);
    }),
);

const heartbeats = fc.record({ pick, twice: fc.boolean() }).map(
  (wish) =>
    new Act('heartbeat', wish, async (model, subject) => {
      const holder = anyOf(model, wish.pick);
      if (holder === undefined) return;
      const reply = await subject.wire!.heartbeat(holder, wish.twice);
      expectSame('answer', `to a heartbeat of ${holder}`, reply, model.gone.has(holder) ? 0 : 1);
      if (!model.gone.has(holder)) model.beat(holder);
      await verify(model, subject);
    }),
);

/** What only a storage with messages of its own can meet, and how often. */
export const wireCommands: readonly [number, fc.Arbitrary<ModelCommand>][] = [
  [2, lateSteps],
  [1, goners],
  [1, latePushes],
  [1, lateClears],
  [1, heartbeats],
];

function anyOf(model: Model, index: number): string | undefined {
  return pickFrom([...model.holders.keys(), ...model.gone], index);
}

function pickFrom<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}
