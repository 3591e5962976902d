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
  let backlog: PrefetchBuffer;

  beforeEach(() => {
    backlog = new PrefetchBuffer();
  });

  const shiftAll = (): string => {
    const ids: HeldJob[] = [];
    for (let job = backlog.shift(); job; job = backlog.shift()) ids.push(job);
    return idsOf(ids);
  };

  it('hands jobs out in the order they came', () => {
    for (const id of 'abc') backlog.add(held(id));
    expect(backlog.first?.job.id).toBe('a');
    expect(backlog.shift()?.job.id).toBe('a');
    backlog.add(held('d'));
    expect(backlog.size).toBe(3);
    expect(shiftAll()).toBe('bcd');
    expect(backlog.size).toBe(0);
    expect(backlog.first).toBeUndefined();
  });

  it('lets all that wait be taken out', () => {
    for (const id of 'abc') backlog.add(held(id));
    backlog.shift();
    expect(idsOf(backlog.takeOut())).toBe('bc');
    expect(backlog.size).toBe(0);
    backlog.add(held('d'));
    expect(shiftAll()).toBe('d');
  });

  it('lets the jobs of one queue be taken out, and keeps the order of the others', () => {
    for (const id of 'abcde') backlog.add(held(id, 'bd'.includes(id) ? images : mail));
    backlog.shift();
    expect(idsOf(backlog.takeOut(images))).toBe('bd');
    expect(backlog.size).toBe(2);
    expect(shiftAll()).toBe('ce');
  });
});
