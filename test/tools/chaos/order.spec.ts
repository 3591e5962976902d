import { describe, expect, it } from '@jest/globals';
import { limitsHeld } from '../../chaos/checks/limits.js';
import { claimedInOrder } from '../../chaos/checks/order.js';
import { at, claimed, started } from './histories.js';

describe('the order of claims', () => {
  it('is strict if each job is claimed behind all claims of those before it', () => {
    const histories = {
      one: [claimed('a', 1), claimed('c', 9), claimed('x', 5)],
      two: [claimed('a', 3), claimed('b', 4)],
    };
    expect(claimedInOrder(histories, ['a', 'b', 'c'])).toEqual([]);
  });

  it('is not strict if a job is claimed before a retry of the one before it', () => {
    const histories = { one: [claimed('a', 1), claimed('a', 3)], two: [claimed('b', 2)] };
    expect(claimedInOrder(histories, ['a', 'b'])).toEqual(['b was claimed before the last run of a']);
  });

  it('does not need a job that never ran', () => {
    expect(claimedInOrder({ one: [claimed('a', 2), claimed('c', 1)] }, ['a', 'b', 'c'])).toHaveLength(1);
  });
});

describe('the limits of a group', () => {
  const end = (id: string, time: number) => at(time, { type: 'end', queue: 'default', id, fence: time });

  it('count the jobs of the group alone', () => {
    const histories = {
      one: [started('a-1', 1), started('b-1', 2), end('a-1', 3), end('b-1', 9)],
      two: [started('a-2', 4), end('a-2', 5), started('b-2', 6)],
    };
    const of = (group: string) => limitsHeld(histories, { concurrency: 1 }, new Map(), (id) => id.startsWith(group));
    expect(of('a').wrong).toEqual([]);
    expect(of('b').wrong).toEqual(['2 jobs ran at once']);
  });

  it('do not count jobs of a killed process', () => {
    const histories = { one: [started('b-1', 2)], two: [started('b-2', 6)] };
    expect(limitsHeld(histories, { concurrency: 1 }, new Map([['one', 5]])).wrong).toEqual([]);
    expect(limitsHeld(histories, { concurrency: 1 }, new Map([['one', 7]])).wrong).toHaveLength(1);
  });

  it('count the claims of a window', () => {
    const histories = { one: [claimed('a', 1_000_000), claimed('b', 1_050_000), claimed('a', 1_200_000)] };
    const limits = { rateLimit: { max: 1, per: 0.1 } };
    expect(limitsHeld(histories, limits, new Map()).wrong).toEqual(['2 starts within 50000 us']);
    expect(limitsHeld(histories, limits, new Map(), (id) => id === 'a').wrong).toEqual([]);
  });
});
