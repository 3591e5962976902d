import { describe, expect, it } from '@jest/globals';
import { readFailures } from '../../../../lib/drivers/redis/kept-codec.js';

describe('stored failures', () => {
  it.each(['\u2028', '\u2029', '\r', '\v'])('may have any other line terminator than a line feed: %j', (terminator) => {
    const texts = [`not${terminator}found`, `Error${terminator}  at here`, `My${terminator}Error`];
    const text = `2 2000 50 host:1\t${JSON.stringify(texts)}\n1 1000 20 host:2\t`;
    const [error, stack, name] = texts;
    expect(readFailures(text)).toEqual([
      { attempt: 2, startedAt: 1_950, endedAt: 2_000, worker: 'host:1', error, stack, name },
      { attempt: 1, startedAt: 980, endedAt: 1_000, worker: 'host:2', error, stack, name },
    ]);
  });
});
