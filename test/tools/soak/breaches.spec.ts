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

describe('a soak', () => {
  it('in which all went well has no breach', () => {
    expect(findBreaches(GOOD)).toEqual([]);
  });

  it.each<[string, Partial<Findings>, string]>([
    ['a job that never ran', { runs: Uint16Array.from([1, 0]) }, '1 jobs were never run'],
    ['runs over', { kills: 0 }, '1 runs over, of 0 workers that were killed'],
    [
      'a heap that grows',
      { heap: [0, 1, 2].map((x) => ({ x, y: x * 1_000_000 })) },
      'the heap has grown by 2000000 bytes',
    ],
    [
      'a socket that stays',
      { after: { ...SAMPLE, handles: { TCPSocketWrap: 4, Timeout: 1 } } },
      'there were 3 sockets, and there are 4',
    ],
    [
      'timers that stay',
      { after: { ...SAMPLE, handles: { TCPSocketWrap: 3, Timeout: 5 } } },
      'there were 5 handles, and there are 8',
    ],
    [
      'keys that stay',
      { keysAfter: ['queue:default', 'queues'] },
      'the keys were queues, and are queue:default, queues',
    ],
    ['consumers that stay', { consumers: 5 }, 'two workers are known as 5 consumers'],
  ])('tells of %s', (_, findings, breach) => {
    expect(findBreaches({ ...GOOD, ...findings })).toEqual([breach]);
  });
});
