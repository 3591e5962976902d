import { describe, expect, it } from '@jest/globals';
import { untilStill } from '../../bench/subject/until-still.js';

describe('untilStill', () => {
  it('waits while the count grows', async () => {
    let count = 0;
    let checks = 0;
    await untilStill(() => (checks++ < 30 ? ++count : count), 10);
    // 30 checks while the count grew, and ten while it did not change.
    expect(checks).toBe(40);
  });
});
