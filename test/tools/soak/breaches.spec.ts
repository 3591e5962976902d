import { describe, expect, it } from '@jest/globals';
import { findBreaches, type Findings } from '../../soak/breaches.js';

const SAMPLE = { heap: 1, rss: 1, handles: { TCPSocketWrap: 3, Timeout: 2 } };
const GOOD: Findings = {
  jobs: 4,
  kills: 1,
  runs: Uint16Array.from([1, 1, 2, 1]),
  heap: [0, 1, 2, 3].map((x) => ({ x, y: 5_000_000 + 1_000 * (x % 2) })),
  before: SAMPLE,
  after: SAMPLE,
  keysBefore: ['queues'],
  keysAfter: ['queues'],
  consumers: 4,
};

describe('findBreaches', () => {
  it('finds nothing in a correct run', () => {
    expect(findBreaches(GOOD)).toEqual([]);
  });

  it.each<[string, Partial<Findings>, string]>([
    ['a job that never ran', { runs: Uint16Array.from([1, 0]) }, '1 jobs never ran'],
    ['extra runs', { kills: 0 }, '1 extra runs, but only 0 workers were killed'],
    [
      'a heap that grows',
      { heap: [0, 1, 2].map((x) => ({ x, y: x * 1_000_000 })) },
      'the heap has grown by 2000000 bytes',
    ],
    [
      'a socket that is left',
      { after: { ...SAMPLE, handles: { TCPSocketWrap: 4, Timeout: 1 } } },
      'there were 3 sockets before, and 4 after',
    ],
    [
      'timers that are left',
      { after: { ...SAMPLE, handles: { TCPSocketWrap: 3, Timeout: 5 } } },
      'there were 5 handles before, and 8 after',
    ],
    [
      'keys that are left',
      { keysAfter: ['queue:default', 'queues'] },
      'keys that were not there before: queue:default',
    ],
    ['consumers that are left', { consumers: 5 }, 'Redis has 5 consumers for two workers'],
  ])('reports %s', (_, findings, breach) => {
    expect(findBreaches({ ...GOOD, ...findings })).toEqual([breach]);
  });
});
