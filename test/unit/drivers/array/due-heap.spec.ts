import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DueHeap, type DueEntry } from '../../../../lib/drivers/array/due-heap.js';

describe('DueHeap', () => {
  it('returns items when they are due, and not earlier', () => {
    const heap = new DueHeap<string>();
    heap.push('late', 20);
    heap.push('soon', 10);
    expect(heap.shiftDue(9)).toBeUndefined();
    expect(heap.first).toMatchObject({ item: 'soon', due: 10 });
    expect(heap.shiftDue(10)).toBe('soon');
    expect(heap.shiftDue(10)).toBeUndefined();
    expect(heap.shiftDue(1_000)).toBe('late');
    expect(heap.shiftDue(1_000)).toBeUndefined();
  });

  it('returns items of the same time in the order of their insertion, even if other items are removed', () => {
    const entry = fc.record({ due: fc.integer({ min: 0, max: 50 }), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(entry, { size: 'max', maxLength: 200 }), fc.integer({ min: 0, max: 60 }), (pushes, now) => {
        const heap = new DueHeap<number>();
        const entries = pushes.map((push, index) => heap.push(index, push.due));
        entries.filter((_, index) => pushes[index]!.remove).forEach((pushed) => heap.remove(pushed));
        const left = entries.filter((_, index) => !pushes[index]!.remove);
        const expected = left.filter(({ due }) => due <= now).toSorted((a, b) => a.due - b.due || a.item - b.item);
        const seen: number[] = [];
        for (let item = heap.shiftDue(now); item !== undefined; item = heap.shiftDue(now)) seen.push(item);
        expect(seen).toEqual(expected.map(({ item }) => item));
        expect(heap.size).toBe(left.length - expected.length);
      }),
    );
  });

  it('ignores the removal of an item that was removed already', () => {
    const heap = new DueHeap<string>();
    const gone: DueEntry<string>[] = [heap.push('a', 1), heap.push('b', 2)];
    heap.push('c', 3);
    heap.shiftDue(1);
    heap.remove(gone[1]!);
    for (const entry of gone) heap.remove(entry);
    expect(heap.size).toBe(1);
    expect(heap.shiftDue(3)).toBe('c');
    for (const entry of gone) heap.remove(entry);
  });

  it('returns no items after it was cleared', () => {
    const heap = new DueHeap<string>();
    heap.push('a', 1);
    heap.push('b', 2);
    expect(heap.drain().toSorted()).toEqual(['a', 'b']);
    expect(heap.size).toBe(0);
    expect(heap.first).toBeUndefined();
  });
});
