import { beforeEach, describe, expect, it } from '@jest/globals';
import { ChunkCollector, type Chunk } from '../../../lib/chunks/chunk-collector.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('ChunkCollector', () => {
  let clock: FakeClock;
  let due: Chunk<string, number>[];
  let times: number;
  let collector: ChunkCollector<string, number>;

  const open = (isHurried = false): void => {
    collector = new ChunkCollector(
      clock,
      (chunk) => due.push(chunk),
      () => times++,
      isHurried,
    );
  };
  const add = (held: number, { source = 'mail', name = 'A', size = 3, wait = 0 } = {}): boolean =>
    collector.add(source, name, { size, wait }, held);
  const items = (): number[][] => due.map((chunk) => [...chunk.items]);

  beforeEach(() => {
    clock = new FakeClock();
    due = [];
    times = 0;
    open();
  });

  it('opens a chunk for each name and source, and tells who has joined one', () => {
    expect([add(1), add(2), add(3, { name: 'B' }), add(4, { source: 'other' })]).toEqual([false, true, false, false]);
    expect(collector).toMatchObject({ count: 3, hurriedCount: 3 });
  });

  it('hands a chunk that is full, and opens the next one', () => {
    for (const held of [1, 2, 3, 4]) add(held, { wait: 5 });
    expect(items()).toEqual([[1, 2, 3]]);
    expect(collector).toMatchObject({ count: 1, hurriedCount: 0 });
    expect([collector.roomOf('mail'), collector.roomOf('other')]).toEqual([2, undefined]);
  });

  it('hands a chunk of size 1 at once, and leaves no timer', () => {
    add(1, { size: 1, wait: 5 });
    expect(items()).toEqual([[1]]);
    expect(clock.pending).toBe(0);
  });

  it('hands a chunk when its wait is over, from its first job on', async () => {
    add(1, { wait: 2 });
    await clock.advance(1.5);
    add(2, { wait: 2 });
    await clock.advance(0.5);
    expect(items()).toEqual([[1, 2]]);
    expect(times).toBe(1);
  });

  it('adds jobs to a chunk that is due, until it is full or sealed', async () => {
    add(1, { wait: 2 });
    await clock.advance(2);
    expect(add(2, { wait: 2 })).toBe(true);
    expect(items()).toEqual([[1, 2]]);
    collector.seal(due[0]!);
    expect(add(3, { wait: 2 })).toBe(false);
    expect(items()).toEqual([[1, 2]]);
    // A late seal of the first one does not touch the second one.
    collector.seal(due[0]!);
    expect(add(4, { wait: 2 })).toBe(true);
  });

  it('closes hurried chunks of quiet sources, and all if asked to', () => {
    add(1);
    add(2, { name: 'B', wait: 5 });
    add(3, { source: 'busy' });
    expect(collector.closeHurried((source) => source !== 'busy')).toBe(true);
    expect(items()).toEqual([[1]]);
    expect(collector.closeHurried((source) => source !== 'busy')).toBe(false);
    expect(collector.closeHurried(() => true, true)).toBe(true);
    expect(items()).toEqual([[1], [2], [3]]);
    expect(collector).toMatchObject({ count: 0, hurriedCount: 0 });
    expect(clock.pending).toBe(0);
  });

  it('gives jobs back, of one source or of all; the next chunk of their name does not wait', () => {
    add(1, { wait: 5 });
    add(2, { wait: 5, source: 'other' });
    expect(collector.take('mail')).toEqual([1]);
    expect(collector.take()).toEqual([2]);
    expect(clock.pending).toBe(0);
    add(1, { wait: 5 });
    expect(collector).toMatchObject({ count: 1, hurriedCount: 1 });
    collector.closeHurried();
    collector.seal(due[0]!);
    add(3, { wait: 5 });
    expect(collector).toMatchObject({ count: 1, hurriedCount: 0 });
    collector.take();
  });

  it('does not give back the jobs of a chunk that is due, and hurries the next one when it is told so', async () => {
    add(1, { wait: 2 });
    await clock.advance(2);
    expect(collector.take()).toEqual([]);
    collector.giveBack(due[0]!);
    expect(add(2, { wait: 2 })).toBe(false);
    expect(collector.hurriedCount).toBe(1);
  });

  it('takes out single jobs, and drops a chunk without jobs', () => {
    for (const held of [1, 2]) add(held, { wait: 5 });
    expect(collector.takeSome((held) => held === 1)).toEqual([1]);
    expect(collector.count).toBe(1);
    expect(collector.takeSome(() => true)).toEqual([2]);
    expect(collector.count).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('lets no chunk wait if it was made so', () => {
    open(true);
    add(1, { wait: 5 });
    expect(clock.pending).toBe(0);
    expect(collector.closeHurried()).toBe(true);
    expect(items()).toEqual([[1]]);
  });
});
