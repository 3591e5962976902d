import { describe, expect, it } from '@jest/globals';
import { within } from '../../support/deadline.js';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';

describe('eventually', () => {
  it('resolves with the value of the first check that passes', async () => {
    let checks = 0;
    expect(await eventually(() => (++checks < 3 ? null : checks), { interval: 1 })).toBe(3);
  });

  it('checks again after an assertion that throws', async () => {
    let checks = 0;
    await eventually(() => expect(++checks).toBe(3), { interval: 1 });
    expect(checks).toBe(3);
  });

  it('rejects at the deadline with the reason of the last check', async () => {
    await expect(eventually(() => false, { timeout: 20, interval: 1 })).rejects.toThrow('it was still false');
    const fails = (): never => {
      throw new Error('not there');
    };
    await expect(eventually(fails, { timeout: 20, interval: 1 })).rejects.toThrow('not there');
  });

  it('rejects at the deadline if a check never ends', async () => {
    await expect(eventually(() => deferred().promise, { timeout: 20 })).rejects.toThrow('Not within 20 ms');
  });
});

describe('within', () => {
  it('settles as the promise does', async () => {
    expect(await within(Promise.resolve(1), 1_000, 'the value')).toBe(1);
    await expect(within(Promise.reject(new Error('broken')), 1_000, 'the value')).rejects.toThrow('broken');
  });

  it('names the late promise in its error', async () => {
    await expect(within(deferred().promise, 10, 'the signal')).rejects.toThrow('the signal: not within 10 ms');
  });
});
