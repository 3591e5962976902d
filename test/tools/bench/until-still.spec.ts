import { describe, expect, it } from '@jest/globals';
import { untilStill } from '../../bench/subject/until-still.js';

describe('untilStill', () => {
  it('waits as long as the count grows', async () => {
    let count = 0;
    let looks = 0;
    await untilStill(() => (looks++ < 30 ? ++count : count), 10);
    // 30 looks while it grew, and the ten for which it stood still.
    expect(looks).toBe(40);
  });
});
