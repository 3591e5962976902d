import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SparseList } from '../../../../lib/drivers/array/sparse-list.js';

interface Item {
  readonly number: number;
}

describe('SparseList', () => {
  it('behaves like an array for random operations, removals included', () => {
    const action = fc.record({
      kind: fc.constantFrom('push', 'push', 'shift', 'requeue', 'remove', 'again', 'again in front'),
      pick: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const [list, model, removed]: [SparseList<Item>, Item[], Item[]] = [new SparseList(), [], []];
        for (const [number, { kind, pick }] of actions.entries()) {
          if (kind === 'push') list.push(model[model.push({ number }) - 1]!);
          else if (kind === 'shift') expect(list.shift()).toBe(model.shift());
          else if (kind === 'requeue' && model.length > 0) {
            const item = list.shift()!;
            list.unshift(item);
            expect(item).toBe(model[0]);
          } else if (kind === 'remove' && model.length > 0) {
            const [item] = model.splice(pick % model.length, 1);
            list.remove(item!);
            removed.push(item!);
          } else if (kind === 'again') {
            // An item that was removed may be added again, behind its stale elements.
            const item = removed.pop();
            if (item) list.push(model[model.push(item) - 1]!);
          } else if (kind === 'again in front') {
            const item = removed.pop();
            if (!item) continue;
            model.unshift(item);
            list.unshift(item);
          }
          expect(list.length).toBe(model.length);
        }
        expect([...list]).toEqual(model);
        while (model.length > 0) expect(list.shift()).toBe(model.shift());
        expect(list.shift()).toBeUndefined();
      }),
    );
  });

  it('is empty after clear(), and accepts new items', () => {
    const list = new SparseList<Item>();
    const [one, two] = [{ number: 1 }, { number: 2 }];
    list.push(one);
    list.push(two);
    list.remove(one);
    list.clear();
    expect({ length: list.length, items: [...list] }).toEqual({ length: 0, items: [] });
    list.push(one);
    expect(list.shift()).toBe(one);
  });
});
