import { describe, expect, it } from '@jest/globals';
import {
  nodeValues,
  readAdded,
  readDue,
  readEntry,
  readPlace,
  readStored,
  writeAdded,
  writeJob,
} from '../../../../lib/drivers/redis/flow-codec.js';

describe('an entry of an outbox', () => {
  it.each([
    ['cA/1 0 c id', { ref: 'cA/1', node: '0', outcome: 'c', id: 'id', result: '' }],
    ['wA 12 f x.y', { ref: 'wA', node: '12', outcome: 'f', id: 'x.y', result: '' }],
    [`cA 3 c id\n${JSON.stringify('a b\n"c"')}`, { ref: 'cA', node: '3', outcome: 'c', id: 'id', result: 'a b\n"c"' }],
    ['bA 0 a token\n["job"]', { ref: 'bA', node: '0', outcome: 'a', id: 'token', result: '["job"]' }],
    ['cA 3 c id\nno json', { ref: 'cA', node: '3', outcome: 'c', id: 'id', result: '' }],
  ])('is read (%j)', (text, entry) => expect(readEntry(text, 'mail')).toEqual(entry));

  it.each(['', 'nonsense', 'cA x c id', 'cA -1 c id', 'cA 0 c', 'cA 0 c id more', 'bA 0 a token', '\n'])(
    'that another program wrote is skipped (%j)',
    (text) => expect(readEntry(text, 'mail')).toBeUndefined(),
  );
});

describe('the jobs that are added to a batch', () => {
  it('are read as they were written', () => {
    const jobs = ['a mail\n[0,{}]\nhJob\n"data"', ''];
    const text = writeAdded('bA', 'token', jobs);
    expect(readAdded(readEntry(text, 'mail')!)).toEqual(jobs);
  });

  it.each(['no json', '{"length":1}', '[1]'])('are none if another program wrote them (%j)', (result) =>
    expect(readAdded({ ref: 'bA', node: '0', outcome: 'a', id: 'token', result })).toEqual([]),
  );
});

describe('the reply of a script of flows', () => {
  const job = { id: 'a', queue: 'mail', body: 'hJob\n"data\n"', delay: 1.5, traits: { priority: 3 } };

  it('has the due jobs: nodes with their place, callbacks without one', () => {
    const text = writeJob(job);
    const { due, ...rest } = readDue(['1000', 0, [], 'cA', '1', text, '"r"', 'cA', '!then', text, '', '', 'left']);
    expect(rest).toEqual({ now: 1000, hasMore: false, ends: [], rest: ['left'] });
    expect(due).toEqual([
      {
        ref: 'cA',
        node: '1',
        queue: 'mail',
        job: {
          id: 'a',
          delay: 1.5,
          body: 'hJob\t{"v":"\\"r\\""}\n"data\n"',
          traits: { priority: 3, flow: { ref: 'cA', node: 1 } },
        },
      },
      {
        ref: 'cA',
        node: '!then',
        queue: 'mail',
        job: { id: 'a', delay: 1.5, body: job.body, traits: { priority: 3, flow: { ref: 'cA', node: -1 } } },
      },
    ]);
    expect(readPlace(text.split('\n')[0]!)).toEqual({ id: 'a', queue: 'mail' });
    expect(readPlace('')).toBeUndefined();
  });

  it('has the ends of flows that have to be told', () => {
    const ends = ['cA', '5', '9', 3, 1, 1, 1, 'order 7', 'bB', '6', '8', 0, 0, 0, 0, ''];
    expect(readDue(['1000', 0, ends]).ends).toEqual([
      {
        ref: 'cA',
        end: { name: 'order 7', createdAt: 5, finishedAt: 9, total: 3, completed: 1, failed: 1, cancelled: 1 },
      },
      { ref: 'bB', end: { createdAt: 6, finishedAt: 8, total: 0, completed: 0, failed: 0, cancelled: 0 } },
    ]);
  });

  it('has a stored flow, or nothing', () => {
    expect(readStored([])).toBeNull();
    expect(readStored([['', '5', '', '3', '1', '1', '0'], ['a']])).toEqual({
      createdAt: 5,
      total: 3,
      completed: 1,
      failed: 1,
      cancelled: 0,
      failedIds: ['a'],
    });
  });
});

describe('the nodes of a workflow', () => {
  it('say for which others they wait, and which wait for them', () => {
    const node = (name: string, after: number[]) => ({ id: name, queue: 'q', body: 'h\n', delay: 0, name, after });
    const values = nodeValues([node('a', []), node('b', [0]), node('c', [0, 1])]);
    expect(values.filter((_, index) => index % 4 > 0)).toEqual(['', '1 2', 'a', '0', '2', 'b', '0 1', '', 'c']);
  });
});
