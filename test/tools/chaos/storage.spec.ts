import { describe, expect, it } from '@jest/globals';
import {
  everyJobEnded,
  everyRecordHasOnePlace,
  nothingStaysForEver,
  queueIsDrained,
} from '../../chaos/checks/storage.js';
import { pushed, rawOf, run, status, storyOf } from './histories.js';

describe('a record', () => {
  it('in one place each is well', () => {
    const raw = rawOf({
      records: ['a', 'b', 'c', 'd'],
      ready: ['a'],
      delayed: ['b'],
      recovered: ['c'],
      claimed: { one: ['d'] },
      hasAttempts: ['c'],
    });
    expect(everyRecordHasOnePlace(raw)).toEqual([]);
  });

  it.each([
    ['in no place', { records: ['a'] }, 'the record of a is in no place'],
    ['in two places', { records: ['a'], ready: ['a'], delayed: ['a'] }, 'the record of a is in ready and delayed'],
    ['twice in one', { records: ['a'], ready: ['a', 'a'] }, 'the record of a is in ready and ready'],
    ['missing', { recovered: ['a'] }, 'a is in recovered without a record'],
    ['missing, of a held job', { claimed: { one: ['a'] } }, 'a is in the hands of one without a record'],
    ['missing, with its counters left', { hasAttempts: ['a'] }, 'counters of a are left'],
  ])('%s is told of', (_, left, complaint) => {
    expect(everyRecordHasOnePlace(rawOf(left))).toEqual([complaint]);
  });
});

describe('a drained queue', () => {
  it.each([
    ['ready', { ready: ['a'] }],
    ['recovered', { recovered: ['a'] }],
    ['delayed', { delayed: ['a'] }],
    ['held', { claimed: { one: ['a'] } }],
    ['records', { records: ['a'] }],
  ])('has nothing %s', (place, left) => {
    expect(queueIsDrained(rawOf(left))).toEqual([`1 jobs are left (${place}) of default`]);
  });

  it('has nothing at all', () => {
    expect(queueIsDrained(rawOf())).toEqual([]);
  });
});

describe('the end of a job', () => {
  const story = storyOf([pushed('a'), pushed('b', { sure: false })], { one: run('a', 1) });

  it.each(['processing', 'retrying', 'queued', 'failed'])('is not "%s"', (word) => {
    const raw = rawOf({ statuses: { a: status(word) } });
    expect(everyJobEnded(story, raw, {})).toEqual([`a ended as ${word}`]);
  });

  it('is to be known', () => {
    expect(everyJobEnded(story, rawOf(), {})).toEqual(['a ended as unknown']);
    expect(everyJobEnded(story, rawOf(), { mayBeGone: () => true })).toEqual([]);
  });

  it('is a failure only where that may be', () => {
    const raw = rawOf({ statuses: { a: status('failed') } });
    expect(everyJobEnded(story, raw, { mayFail: ({ id }) => id === 'a' })).toEqual([]);
    expect(everyJobEnded(story, rawOf({ statuses: { a: status('completed') } }), {})).toEqual([]);
  });
});

describe('a key', () => {
  it.each(['queue:default:meta', 'queue:default:producer:x', 'queue:default:failed', 'queue:default:foreign'])(
    '%s does not stay for ever',
    (key) => {
      expect(nothingStaysForEver(rawOf({ keys: { [key]: -1 } }))).toEqual([`${key} stays for ever`]);
      expect(nothingStaysForEver(rawOf({ keys: { [key]: 1 } }))).toEqual([]);
    },
  );

  it.each(['polls', 'claimed'])('of a consumer (%s) stays no longer than the consumer', (kind) => {
    const key = `queue:default:${kind}:one`;
    expect(nothingStaysForEver(rawOf({ keys: { [key]: -1 } }))).toEqual([`${key} stays for ever`]);
    expect(nothingStaysForEver(rawOf({ keys: { [key]: -1 }, consumers: ['one'] }))).toEqual([]);
  });

  it('of a status stays as long as its job', () => {
    const statuses = { a: status('completed', -1) };
    expect(nothingStaysForEver(rawOf({ statuses }))).toEqual(['the status of a stays for ever']);
    expect(nothingStaysForEver(rawOf({ statuses, records: ['a'] }))).toEqual([]);
  });

  it('of the marker stays as long as somebody is there', () => {
    const keys = { 'queue:default:marker': -1 };
    expect(nothingStaysForEver(rawOf({ keys }))).toEqual(['queue:default:marker stays for ever']);
    expect(nothingStaysForEver(rawOf({ keys, consumers: ['one'] }))).toEqual([]);
  });
});
