import { describe, expect, it } from '@jest/globals';
import { memberId } from '../../../lib/job/flow-ref.js';
import { createJobId, isGeneratedId, nextJobId, queueHashOf } from '../../../lib/job/job-id.js';
import { SerialIds } from '../../../lib/job/serial-ids.js';

const NOW = Date.UTC(2026, 5);

describe('serial ids', () => {
  const ids = new SerialIds('bOne', NOW);

  it('have the shape of generated ids of their time and queue', () => {
    const id = ids.of('mail', 7);
    expect(isGeneratedId(id, NOW)).toBe(true);
    expect(id.slice(0, 8)).toBe(createJobId(NOW, 'mail').slice(0, 8));
    expect(queueHashOf(id)).toBe(queueHashOf(createJobId(NOW, 'mail')));
  });

  it('are always the same ones, and differ by number, queue, time and owner', () => {
    expect(new SerialIds('bOne', NOW).of('mail', 7)).toBe(ids.of('mail', 7));
    expect(memberId('bOne', NOW, 'mail', 7)).toBe(ids.of('mail', 7));
    const others = [
      ...Array.from({ length: 5_000 }, (_, number) => ids.of('mail', number)),
      ids.of('other', 7),
      new SerialIds('bOne', NOW + 1).of('mail', 7),
      new SerialIds('bTwo', NOW).of('mail', 7),
      memberId('bOne', NOW, 'mail', 'then'),
      nextJobId(ids.of('mail', 7)),
      nextJobId(nextJobId(ids.of('mail', 7))),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it('carry over into the first half', () => {
    const half = 62 ** 5;
    const [first, next] = [ids.of('mail', 1), ids.of('mail', 1 + half)];
    expect(next.slice(-5)).toBe(first.slice(-5));
    expect(next).not.toBe(first);
    expect(ids.of('mail', 1)).toBe(first);
  });
});
