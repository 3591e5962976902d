import { describe, expect, it } from '@jest/globals';
import { Condition } from '../../../lib/support/condition.js';

/** Returns whether the promises are resolved after all pending callbacks have run. */
async function resolved(...promises: Promise<void>[]): Promise<boolean[]> {
  const done = promises.map(() => false);
  promises.forEach((promise, index) => void promise.then(() => (done[index] = true)));
  await new Promise(setImmediate);
  return done;
}

describe('Condition', () => {
  it('does not wait if the test holds already', async () => {
    await new Condition().until(() => true);
  });

  it('waits for a notification, and checks the test then', async () => {
    const condition = new Condition();
    let holds = false;
    const wait = condition.until(() => holds);
    condition.notify();
    expect(await resolved(wait)).toEqual([false]);
    holds = true;
    expect(await resolved(wait)).toEqual([false]);
    condition.notify();
    expect(await resolved(wait)).toEqual([true]);
  });

  it('wakes each waiter whose test holds, and no other', async () => {
    const condition = new Condition();
    let count = 1;
    const test = (): boolean => count > 1;
    const waits = [condition.until(test), condition.until(() => count > 2), condition.until(test)];
    count = 2;
    condition.notify();
    expect(await resolved(...waits)).toEqual([true, false, true]);
    count = 3;
    condition.notify();
    expect(await resolved(...waits)).toEqual([true, true, true]);
  });

  it('does not check a test again after it has held', async () => {
    const condition = new Condition();
    let holds = false;
    let looks = 0;
    const wait = condition.until(() => {
      looks++;
      return holds;
    });
    holds = true;
    condition.notify();
    condition.notify();
    await wait;
    expect(looks).toBe(2);
  });
});
