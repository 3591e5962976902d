import { describe, expect, it } from '@jest/globals';
import { kept } from '../../../lib/retention/kept.js';

describe('kept', () => {
  const complete = { kind: 'complete' };
  const fail = { kind: 'fail' };

  it.each([
    [undefined, undefined, undefined, undefined],
    [undefined, { completed: 5 }, 5, undefined],
    [{ failed: 7 }, undefined, undefined, 7],
    [{ completed: 1 }, { completed: 5, failed: 6 }, 1, 6],
    [{ completed: 0, failed: undefined }, { completed: 5, failed: 6 }, 0, 6],
    [{}, { completed: 0, failed: 0 }, 0, 0],
  ])('of the push %j and the class %j keeps a completed job %p s, a failed one %p s', (pushed, own, done, failed) => {
    expect(kept(complete, pushed, own)).toEqual(done === undefined ? complete : { ...complete, keep: done });
    expect(kept(fail, pushed, own)).toEqual(failed === undefined ? fail : { ...fail, keep: failed });
  });

  it.each(['retry', 'release', 'cancel'])('adds nothing to the settlement %s', (kind) => {
    expect(kept({ kind }, { completed: 1, failed: 1 }, { completed: 1, failed: 1 })).toEqual({ kind });
  });
});
