import { describe, expect, it, test } from '@jest/globals';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { settingsOf } from '../../../lib/options/queues.resolver.js';
import type { QueueSettings, ResolvedLimits } from '../../../lib/queue.options.js';

const limitsOf = (queues: Record<string, QueueSettings>, queue = 'emails'): ResolvedLimits =>
  settingsOf(resolveOptions({ driver: 'array', queues }, {}).queues, queue).limits;

describe('the limits of a queue', () => {
  it('are none by default', () => {
    expect(limitsOf({})).toEqual({});
  });

  it('are read with their window in seconds', () => {
    const rateLimit = { max: 100, per: '1m' } as const;
    expect(limitsOf({ emails: { concurrency: 20, rateLimit } })).toEqual({
      concurrency: 20,
      rateLimit: { max: 100, per: 60 },
    });
  });

  it('come from *, each by itself, unless the queue gives its own or none', () => {
    const all = { concurrency: 5, rateLimit: { max: 1, per: 2 } };
    expect(limitsOf({ '*': all }, 'other')).toEqual(all);
    expect(limitsOf({ '*': all, emails: { concurrency: 7 } })).toEqual({ ...all, concurrency: 7 });
    expect(limitsOf({ '*': all, emails: { concurrency: false } })).toEqual({ rateLimit: { max: 1, per: 2 } });
    expect(limitsOf({ '*': all, emails: { rateLimit: false } })).toEqual({ concurrency: 5 });
  });

  it('of each group come from *, each by itself, unless the queue gives its own or none', () => {
    const all = { groups: { concurrency: 2, rateLimit: { max: 1, per: 2 } } };
    expect(limitsOf({ emails: { groups: { rateLimit: { max: 10, per: '1s' } } } })).toEqual({
      groups: { rateLimit: { max: 10, per: 1 } },
    });
    expect(limitsOf({ '*': all }, 'other')).toEqual(all);
    expect(limitsOf({ '*': all, emails: { concurrency: 3 } })).toEqual({ concurrency: 3, ...all });
    expect(limitsOf({ '*': all, emails: { groups: { concurrency: 7 } } })).toEqual({
      groups: { concurrency: 7, rateLimit: { max: 1, per: 2 } },
    });
    expect(limitsOf({ '*': all, emails: { groups: { rateLimit: false } } })).toEqual({ groups: { concurrency: 2 } });
    expect(limitsOf({ '*': all, emails: { groups: false } })).toEqual({});
    expect(limitsOf({ '*': all, emails: { groups: { concurrency: false, rateLimit: false } } })).toEqual({});
    expect(limitsOf({ emails: { groups: {} } })).toEqual({});
  });

  it('of groups in strict order let one job of each run at once', () => {
    const ordered = { concurrency: 1, ordered: true };
    const all = { groups: { concurrency: 5, rateLimit: { max: 1, per: 2 } } };
    expect(limitsOf({ emails: { groups: { ordered: true } } })).toEqual({ groups: ordered });
    expect(limitsOf({ emails: { groups: { ordered: true, concurrency: 1 } } })).toEqual({ groups: ordered });
    expect(limitsOf({ emails: { groups: { ordered: false } } })).toEqual({});
    expect(limitsOf({ '*': all, emails: { groups: { ordered: true } } })).toEqual({
      groups: { ...ordered, rateLimit: { max: 1, per: 2 } },
    });
    const strict = { groups: { ordered: true } };
    expect(limitsOf({ '*': strict }, 'other')).toEqual({ groups: ordered });
    expect(limitsOf({ '*': strict, emails: { groups: { ordered: false, concurrency: 3 } } })).toEqual({
      groups: { concurrency: 3 },
    });
    expect(() => limitsOf({ '*': strict, emails: { groups: { concurrency: 3 } } })).toThrow(
      'Option "queues.emails.groups.concurrency": expected 1 beside "ordered", got 3',
    );
  });

  test.each<[unknown, string]>([
    [
      { groups: { ordered: true, concurrency: 2 } },
      'Option "queues.emails.groups.concurrency": expected 1 beside "ordered", got 2',
    ],
    [
      { groups: { ordered: true, concurrency: false } },
      'Option "queues.emails.groups.concurrency": expected 1 beside "ordered"',
    ],
    [{ groups: { ordered: 1 } }, 'Option "queues.emails.groups.ordered": expected true or false, got 1'],
    [{ groups: 5 }, 'Option "queues.emails.groups": expected an object, got 5'],
    [{ groups: { concurrency: 0 } }, 'Option "queues.emails.groups.concurrency": expected a whole number from 1'],
    [{ groups: { rateLimit: { max: 1 } } }, 'Option "queues.emails.groups.rateLimit.per": expected'],
    [{ groups: { max: 1 } }, 'Option "queues.emails.groups.max": expected no option of this name'],
    [{ concurrency: 0 }, 'Option "queues.emails.concurrency": expected a whole number from 1 to 100000, got 0'],
    [{ concurrency: 1.5 }, 'Option "queues.emails.concurrency"'],
    [{ concurrency: Infinity }, 'Option "queues.emails.concurrency"'],
    [{ rateLimit: 5 }, 'Option "queues.emails.rateLimit": expected an object, got 5'],
    [
      { rateLimit: {} },
      'Option "queues.emails.rateLimit.max": expected a whole number from 1 to 100000, got undefined',
    ],
    [{ rateLimit: { max: 5 } }, 'Option "queues.emails.rateLimit.per": expected'],
    [{ rateLimit: { max: 5, per: 0 } }, 'Option "queues.emails.rateLimit.per": expected'],
    [{ rateLimit: { max: 5, per: '31d' } }, 'Option "queues.emails.rateLimit.per": expected'],
    [{ rateLimit: { max: 100_001, per: 1 } }, 'Option "queues.emails.rateLimit.max": expected'],
    [{ rateLimit: { max: 5, per: 100_000 } }, 'numbers are seconds, not milliseconds'],
    [
      { rateLimit: { max: 5, duration: 1 } },
      'Option "queues.emails.rateLimit.duration": expected no option of this name',
    ],
    [
      { concurency: 5 },
      'Option "queues.emails.concurency": expected no option of this name (did you mean "concurrency"?)',
    ],
  ])('are refused if they are %j', (given, message) => {
    expect(() => limitsOf({ emails: given as QueueSettings })).toThrow(message);
  });
});
