import fc from 'fast-check';
import type { Settlement } from '../../lib/drivers/queue-driver.interface.js';
import { Act, type ModelCommand } from './act.js';
import { advance, cancel, claimsOf, poll } from './operations.js';
import { SLOTS } from './subject.interface.js';

/** More jobs than a queue of the model has ready, for the most part: so a consumer claims the jobs again that it has put back. */
const ALL = 12;
const back = { kind: 'release', delay: 0, position: 'back' } as const;
const front = { kind: 'release', delay: 0, position: 'front' } as const;
const UNKNOWN = { ...back, unknown: true } as const;
/** The settlements after which a job waits for its next start. */
const WAYS = [
  UNKNOWN,
  { ...UNKNOWN, delay: 0.75 },
  back,
  front,
  { ...front, hasStarted: true },
  { kind: 'retry', error: 'again', delay: 0 },
] as const;

/**
 * A consumer claims the same jobs again and again, and puts each of them back in one way or another; one of them may be cancelled.
 * A job keeps what it has counted from one start to the next; jobs that other commands settle seldom come back twice before their end.
 */
const comebacks = fc
  .record({
    slot: fc.nat(SLOTS - 1),
    ways: fc.array(fc.constantFrom(...WAYS), { minLength: 1, maxLength: 5 }),
    pauses: fc.array(fc.constantFrom(1, 250, 1_000, 5_000), { minLength: 2, maxLength: 3 }),
    cancels: fc.constantFrom(false, false, true),
  })
  .map(
    (wish) =>
      new Act('come back', wish, async (model, subject) => {
        const { slot, ways, pauses, cancels } = wish;
        let turn = 0;
        const backAgain = (): Settlement[] =>
          claimsOf(model, slot).map((claim) => Object.assign(claim, ways[turn++ % ways.length]!));
        await poll(model, subject, slot, { settlements: [], limit: ALL, recovered: true });
        const [first] = claimsOf(model, slot);
        if (cancels && first) {
          await cancel(model, subject, first.id, { reason: undefined, searches: false, twice: false });
        }
        for (const [round, milliseconds] of pauses.entries()) {
          await advance(model, subject, milliseconds);
          const limit = round < pauses.length - 1 ? ALL : 0;
          await poll(model, subject, slot, { settlements: backAgain(), limit, recovered: true });
        }
      }),
  );

/** The commands of jobs that come back, with their weights. */
export const comebackCommands: readonly [number, fc.Arbitrary<ModelCommand>][] = [[1, comebacks]];
