import { describe, expect, it } from '@jest/globals';
import { compose, type Stage } from '../../../lib/middleware/chain.js';
import { thrower } from '../../support/thrower.js';

function tracing(name: string, trace: string[]): Stage<string, string> {
  return (subject, next) => {
    trace.push(`${name} begins with ${subject}`);
    const result = next(`${subject}${name}`);
    trace.push(`${name} ends with ${result}`);
    return `${result}${name}`;
  };
}

const end = (subject: string): string => `<${subject}>`;

describe('compose', () => {
  it('returns the end itself if there are no stages', () => {
    expect(compose([], end)).toBe(end);
  });

  it('runs a stage around the end', () => {
    const trace: string[] = [];
    expect(compose([tracing('a', trace)], end)('x')).toBe('<xa>a');
    expect(trace).toEqual(['a begins with x', 'a ends with <xa>']);
  });

  it('runs three stages around the end, the first one outermost', () => {
    const trace: string[] = [];
    const run = compose([tracing('a', trace), tracing('b', trace), tracing('c', trace)], end);
    expect(run('x')).toBe('<xabc>cba');
    expect(trace).toEqual([
      'a begins with x',
      'b begins with xa',
      'c begins with xab',
      'c ends with <xabc>',
      'b ends with <xabc>c',
      'a ends with <xabc>cb',
    ]);
  });

  it('runs several calls at the same time', async () => {
    const run = compose<string, Promise<string>>(
      [async (subject, next) => `${await next(subject)}!`],
      async (subject) => end(subject),
    );
    expect(await Promise.all(['x', 'y', 'z'].map(run))).toEqual(['<x>!', '<y>!', '<z>!']);
  });

  it('runs no later stage if a stage does not call next', () => {
    const trace: string[] = [];
    const run = compose([tracing('a', trace), () => 'stop', thrower(new Error('it was called'))], end);
    expect(run('x')).toBe('stopa');
    expect(trace).toEqual(['a begins with x', 'a ends with stop']);
  });

  it('passes the error of a stage through the earlier stages', () => {
    const caught: unknown[] = [];
    const error = new Error('no');
    const watching: Stage<string, string> = (subject, next) => {
      try {
        return next(subject);
      } catch (thrown) {
        caught.push(thrown);
        throw thrown;
      }
    };
    expect(() => compose([watching, thrower(error)], end)('x')).toThrow(error);
    expect(() => compose([watching], thrower(error))('x')).toThrow(error);
    expect(caught).toEqual([error, error]);
  });
});
