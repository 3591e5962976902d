import { describe, expect, it } from '@jest/globals';
import { within } from '../../support/deadline.js';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';

describe('eventually', () => {
  it('resolves with the value of the first look that holds', async () => {
    let looks = 0;
    expect(await eventually(() => (++looks < 3 ? null : looks), { interval: 1 })).toBe(3);
  });

  it('takes an assertion that throws for one that does not hold yet', async () => {
    let looks = 0;
    await eventually(() => expect(++looks).toBe(3), { interval: 1 });
    expect(looks).toBe(3);
  });

  it('gives up with the reason of the last look', async () => {
    await expect(eventually(() => false, { timeout: 20, interval: 1 })).rejects.toThrow('it was still false');
    const fails = (): never => {
      throw new Error('not there');
    };
    await expect(eventually(fails, { timeout: 20, interval: 1 })).rejects.toThrow('not there');
  });

  it('gives up on a look that never ends', async () => {
    await expect(eventually(() => deferred().promise, { timeout: 20 })).rejects.toThrow('Not within 20 ms');
  });
});

describe('within', () => {
  it('settles as the promise does', async () => {
    expect(await within(Promise.resolve(1), 1_000, 'the value')).toBe(1);
    await expect(within(Promise.reject(new Error('broken')), 1_000, 'the value')).rejects.toThrow('broken');
  });

  it('names what did not come in time', async () => {
    await expect(within(deferred().promise, 10, 'the signal')).rejects.toThrow('the signal: not within 10 ms');
  });
});
