import { describe, expect, it } from '@jest/globals';
import { ExpiringMap } from '../../../../lib/drivers/array/expiring-map.js';
import { FakeClock } from '../../../support/fake-clock.js';

describe('ExpiringMap', () => {
  it('keeps an entry until it expires', async () => {
    const clock = new FakeClock();
    const map = new ExpiringMap<number>(1_000, clock);
    map.set('a', 1);
    await clock.advance(0.999);
    expect(map.get('a')).toBe(1);
    await clock.advance(0.001);
    expect(map.get('a')).toBeUndefined();
    expect(map.size).toBe(0);
  });

  it('restarts the time of an entry that is written again', async () => {
    const clock = new FakeClock();
    const map = new ExpiringMap<number>(1_000, clock);
    map.set('a', 1);
    await clock.advance(0.8);
    map.set('a', 2);
    await clock.advance(0.8);
    expect(map.get('a')).toBe(2);
    expect(map.size).toBe(1);
    await clock.advance(0.2);
    expect(map.get('a')).toBeUndefined();
  });

  it('removes an entry that is deleted', () => {
    const map = new ExpiringMap<number>(1_000, new FakeClock());
    map.set('a', 1);
    map.delete('a');
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
    expect(map.size).toBe(0);
  });

  it('keeps no entry whose time is 0', () => {
    const map = new ExpiringMap<number>(0, new FakeClock());
    map.set('a', 1);
    expect(map.get('a')).toBeUndefined();
    expect(stored(map)).toBe(0);
  });

  it('removes expired entries even if no caller reads them', async () => {
    const clock = new FakeClock();
    const map = new ExpiringMap<{ key: string }>(1_000, clock);
    for (let i = 0; i < 1_000; i++) map.set(`old-${i}`, { key: `old-${i}` });
    await clock.advance(2);
    for (let i = 0; i < 200; i++) map.set(`new-${i}`, { key: `new-${i}` });
    expect(stored(map)).toBe(200);
  });
});

/** How many entries it has in memory, expired ones included. */
function stored(map: ExpiringMap<unknown>): number {
  return (map as unknown as { entries: Map<string, unknown> }).entries.size;
}
