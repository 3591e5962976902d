import { describe, expect, it } from '@jest/globals';
import { encodeLines, readLogs } from '../../../../lib/drivers/redis/log-codec.js';

describe('the log of a job in Redis', () => {
  it('has a line break between its lines only', () => {
    const text = encodeLines(7, { before: 3, lines: ['one\ntwo', '', '"\u2028\\'] });
    expect(text.split('\n')).toEqual(['7 3 3', String.raw`"one\ntwo"`, '""', '"\\"\u2028\\\\"']);
    expect(readLogs(text)).toEqual(['one\ntwo', '', '"\u2028\\']);
  });

  it('is empty if there is none', () => {
    expect(readLogs('')).toEqual([]);
  });

  it('leaves out what another program has written', () => {
    expect(readLogs('mine\n"a"\n{half\n5\n"b"')).toEqual(['a', 'b']);
  });
});
