import { describe, expect, it } from '@jest/globals';
import { describeCommand, isOfQueue, parseSlowlog, timesOfScript } from '../../bench/server/slowlog.js';

const LOG = parseSlowlog([
  [4, 1_700_000_000, 900, ['evalsha', 'one', '2', 'key'], '127.0.0.1:1', ''],
  [3, 1_700_000_000, 30, ['HDEL', 'key', 'field'], '?:0', ''],
  [2, 1_700_000_000, 250, ['EVALSHA', 'one', '2', 'key'], '127.0.0.1:1', ''],
  [1, 1_700_000_000, 70, ['evalsha', 'other', '2', 'key'], '127.0.0.1:1', ''],
  [0, 1_700_000_000, 12_000, ['flushall', 'SYNC'], '127.0.0.1:2', ''],
]);

describe('timesOfScript', () => {
  it('returns the calls of one script, with the command in capital or small letters', () => {
    expect(timesOfScript(LOG, 'one', 2, 20)).toEqual([900, 250]);
  });

  it('counts calls that are not in the log with the threshold', () => {
    expect(timesOfScript(LOG, 'one', 4, 20)).toEqual([900, 250, 20, 20]);
    expect(timesOfScript(LOG, 'none', 2, 20)).toEqual([20, 20]);
  });

  it('returns all calls if the log has more than expected', () => {
    expect(timesOfScript(LOG, 'one', 1, 20)).toEqual([900, 250]);
  });
});

describe('isOfQueue', () => {
  it('leaves out the commands of the benchmark', () => {
    expect(LOG.filter(isOfQueue).map(({ args }) => args[0])).toEqual(['evalsha', 'HDEL', 'EVALSHA', 'evalsha']);
  });
});

describe('describeCommand', () => {
  it('names a script, or gives its hash if its name is not known', () => {
    const names = new Map([['one', 'poll']]);
    expect(LOG.map((command) => describeCommand(command, names))).toEqual([
      'evalsha poll, 0.9 ms',
      'HDEL, 0.0 ms',
      'EVALSHA poll, 0.3 ms',
      'evalsha other, 0.1 ms',
      'flushall, 12.0 ms',
    ]);
  });
});
