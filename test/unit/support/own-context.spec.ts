import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { ownContexts } from '../../../lib/support/own-context.js';

const CALLS = 100;

describe('ownContexts()', () => {
  const tenant = new AsyncLocalStorage<string>();

  it('keeps each of many calls apart, whoever calls', async () => {
    const inOwnContext = tenant.run('origin', () => ownContexts());
    const seen: (string | undefined)[] = [];
    for (let call = 0; call < CALLS; call++) {
      await tenant.run(`caller ${call}`, () =>
        inOwnContext(async () => {
          seen.push(tenant.getStore());
          tenant.enterWith(`call ${call}`);
          await Promise.resolve();
          expect(tenant.getStore()).toBe(`call ${call}`);
        }),
      );
    }
    expect(seen).toEqual(Array.from({ length: CALLS }, () => 'origin'));
  });

  it('returns what the function returns, and throws what it throws', () => {
    const inOwnContext = ownContexts();
    expect(inOwnContext(() => 7)).toBe(7);
    expect(() =>
      inOwnContext(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
  });
});
