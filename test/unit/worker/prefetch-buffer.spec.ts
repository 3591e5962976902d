import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import { PrefetchBuffer, type HeldJob } from '../../../lib/worker/prefetch-buffer.js';
import type { Claim } from '../../../lib/worker/prefetch-window.js';
import type { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';

const mail = { queue: 'mail' } as QueueFetcher;
const images = { queue: 'images' } as QueueFetcher;
const held = (id: string, fetcher = mail): HeldJob => ({ fetcher, claim: {} as Claim, job: { id } as ClaimedJob });
const idsOf = (jobs: readonly HeldJob[]): string => jobs.map(({ job }) => job.id).join('');

describe('PrefetchBuffer', () => {
  let buffer: PrefetchBuffer;

  beforeEach(() => {
    buffer = new PrefetchBuffer();
  });

  const shiftAll = (): string => {
    const ids: HeldJob[] = [];
    for (let job = buffer.shift(); job; job = buffer.shift()) ids.push(job);
    return idsOf(ids);
  };

  it('hands jobs out in the order they came', () => {
    for (const id of 'abc') buffer.add(held(id));
    expect(buffer.first?.job.id).toBe('a');
    expect(buffer.shift()?.job.id).toBe('a');
    buffer.add(held('d'));
    expect(buffer.size).toBe(3);
    expect(shiftAll()).toBe('bcd');
    expect(buffer.size).toBe(0);
    expect(buffer.first).toBeUndefined();
  });

  it('lets all that wait be taken out', () => {
    for (const id of 'abc') buffer.add(held(id));
    buffer.shift();
    expect(idsOf(buffer.takeOut())).toBe('bc');
    expect(buffer.size).toBe(0);
    buffer.add(held('d'));
    expect(shiftAll()).toBe('d');
  });

  it('lets the jobs of one queue be taken out, and keeps the order of the others', () => {
    for (const id of 'abcde') buffer.add(held(id, 'bd'.includes(id) ? images : mail));
    buffer.shift();
    expect(idsOf(buffer.takeOut(images))).toBe('bd');
    expect(buffer.size).toBe(2);
    expect(shiftAll()).toBe('ce');
  });
});
