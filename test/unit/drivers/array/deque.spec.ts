import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Deque } from '../../../../lib/drivers/array/deque.js';

describe('Deque', () => {
  it('behaves like an array for random operations', () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.constant('push' as const) },
      { weight: 2, arbitrary: fc.constant('unshift' as const) },
      { weight: 4, arbitrary: fc.constant('shift' as const) },
      { weight: 1, arbitrary: fc.constant('many' as const) },
      { weight: 1, arbitrary: fc.constant('few' as const) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const [deque, model]: [Deque<number>, number[]] = [new Deque(), []];
        let next = 0;
        for (const act of actions) {
          if (act === 'push') deque.push(model[model.push(next++) - 1]!);
          else if (act === 'unshift') deque.unshift((model.unshift(next), next++));
          else if (act === 'shift') expect(deque.shift()).toBe(model.shift());
          else if (act === 'many') for (let i = 0; i < 50; i++) deque.push(model[model.push(next++) - 1]!);
          else for (let i = 0; i < 40; i++) expect(deque.shift()).toBe(model.shift());
          expect(deque.length).toBe(model.length);
        }
        expect([...deque]).toEqual(model);
      }),
    );
  });

  it('is empty after clear(), and accepts new items', () => {
    const deque = new Deque<number>();
    for (let i = 0; i < 100; i++) deque.push(i);
    deque.clear();
    expect([...deque]).toEqual([]);
    expect(deque.shift()).toBeUndefined();
    deque.unshift(1);
    expect([...deque]).toEqual([1]);
  });

  it('accepts a million items', () => {
    const deque = new Deque<number>();
    for (let i = 0; i < 1_000_000; i++) deque.push(i);
    let inOrder = true;
    for (let i = 0; i < 1_000_000; i++) inOrder &&= deque.shift() === i;
    expect(inOrder).toBe(true);
  });
});
