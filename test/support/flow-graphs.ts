import fc from 'fast-check';
import type { ClaimedJob, Settlement } from '../../lib/drivers/queue-driver.interface.js';

/** A random graph: for each node those for which it waits, of lower numbers. */
export interface Graph {
  readonly isChain: boolean;
  readonly after: readonly (readonly number[])[];
}

/** What happens to an attempt. */
export type Fate = 'complete' | 'retry' | 'fail' | 'release' | 'cancel' | 'requeue';

/** Makes the settlement of an attempt. */
export function settlementOf({ id, fence }: ClaimedJob, fate: Fate): Settlement {
  switch (fate) {
    case 'complete':
      return { kind: 'complete', id, fence };
    case 'retry':
      return { kind: 'retry', id, fence, error: 'again', delay: 0 };
    case 'fail':
      return { kind: 'fail', id, fence, error: 'no luck' };
    case 'release':
      return { kind: 'release', id, fence, delay: 0, position: 'back' };
    case 'cancel':
      return { kind: 'cancel', id, fence, hasRun: true };
    case 'requeue':
      return { kind: 'release', id, fence, delay: 0, position: 'front', hasStarted: true };
  }
}

export const graphs: fc.Arbitrary<Graph> = fc.oneof(
  fc.integer({ min: 1, max: 7 }).map((length) => ({
    isChain: true,
    after: Array.from({ length }, (_, node) => (node > 0 ? [node - 1] : [])),
  })),
  fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 9 }).map((picks) => ({
    isChain: false,
    after: picks.map((each, node) => (node === 0 ? [] : [...new Set(each.map((pick) => pick % node))])),
  })),
);
