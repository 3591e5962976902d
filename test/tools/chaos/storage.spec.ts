import { describe, expect, it } from '@jest/globals';
import {
  everyJobEnded,
  everyRecordHasOnePlace,
  noKeyStaysForever,
  queueIsDrained,
} from '../../chaos/checks/storage.js';
import { pushed, rawOf, run, status, timelineOf } from './histories.js';

describe('everyRecordHasOnePlace', () => {
  it('accepts records in one place each', () => {
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
    ['twice in one place', { records: ['a'], ready: ['a', 'a'] }, 'the record of a is in ready and ready'],
    ['missing', { recovered: ['a'] }, 'a is in recovered without a record'],
    ['missing for a claimed job', { claimed: { one: ['a'] } }, 'a is in claimed by one without a record'],
    ['missing but has attempts', { hasAttempts: ['a'] }, 'the attempts of a are left'],
  ])('reports a record that is %s', (_, left, violation) => {
    expect(everyRecordHasOnePlace(rawOf(left))).toEqual([violation]);
  });
});

describe('queueIsDrained', () => {
  it.each([
    ['ready', { ready: ['a'] }],
    ['recovered', { recovered: ['a'] }],
    ['delayed', { delayed: ['a'] }],
    ['held', { claimed: { one: ['a'] } }],
    ['records', { records: ['a'] }],
  ])('reports jobs that are left: %s', (place, left) => {
    expect(queueIsDrained(rawOf(left))).toEqual([`1 jobs are left (${place}) of default`]);
  });

  it('accepts an empty queue', () => {
    expect(queueIsDrained(rawOf())).toEqual([]);
  });
});

describe('the end of a job', () => {
  const timeline = timelineOf([pushed('a'), pushed('b', { acknowledged: false })], { one: run('a', 1) });

  it.each(['processing', 'retrying', 'queued', 'failed'])('is not "%s"', (word) => {
    const raw = rawOf({ statuses: { a: status(word) } });
    expect(everyJobEnded(timeline, raw, {})).toEqual([`a ended as ${word}`]);
  });

  it('is to be known', () => {
    expect(everyJobEnded(timeline, rawOf(), {})).toEqual(['a ended as unknown']);
    expect(everyJobEnded(timeline, rawOf(), { mayBeGone: () => true })).toEqual([]);
  });

  it('accepts a failed job only if it may fail', () => {
    const raw = rawOf({ statuses: { a: status('failed') } });
    expect(everyJobEnded(timeline, raw, { mayFail: ({ id }) => id === 'a' })).toEqual([]);
    expect(everyJobEnded(timeline, rawOf({ statuses: { a: status('completed') } }), {})).toEqual([]);
  });
});

describe('noKeyStaysForever', () => {
  it.each(['queue:default:meta', 'queue:default:producer:x', 'queue:default:failed', 'queue:default:foreign'])(
    'reports %s if it never expires',
    (key) => {
      expect(noKeyStaysForever(rawOf({ keys: { [key]: -1 } }))).toEqual([`${key} never expires`]);
      expect(noKeyStaysForever(rawOf({ keys: { [key]: 1 } }))).toEqual([]);
    },
  );

  it.each(['polls', 'claimed'])('accepts the key :%s:CONSUMER only as long as the consumer exists', (kind) => {
    const key = `queue:default:${kind}:one`;
    expect(noKeyStaysForever(rawOf({ keys: { [key]: -1 } }))).toEqual([`${key} never expires`]);
    expect(noKeyStaysForever(rawOf({ keys: { [key]: -1 }, consumers: ['one'] }))).toEqual([]);
  });

  it('accepts a status without expiry only as long as its job exists', () => {
    const statuses = { a: status('completed', -1) };
    expect(noKeyStaysForever(rawOf({ statuses }))).toEqual(['the status of a never expires']);
    expect(noKeyStaysForever(rawOf({ statuses, records: ['a'] }))).toEqual([]);
  });

  it('accepts the marker only as long as a job or a consumer exists', () => {
    const keys = { 'queue:default:marker': -1 };
    expect(noKeyStaysForever(rawOf({ keys }))).toEqual(['queue:default:marker never expires']);
    expect(noKeyStaysForever(rawOf({ keys, consumers: ['one'] }))).toEqual([]);
  });
});
