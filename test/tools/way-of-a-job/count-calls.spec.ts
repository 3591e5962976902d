import { describe, expect, it } from '@jest/globals';
import type { Profiler } from 'node:inspector';
import { countCalls, sizeOf, usualTrip, type CalledFunction, type Trip } from './count-calls.js';

const LIB = 'file:///project/lib/';

type Called = readonly [name: string, offset: number, count: number];

function script(url: string, ...functions: readonly Called[]): Profiler.ScriptCoverage {
  return {
    scriptId: '1',
    url,
    functions: functions.map(([functionName, startOffset, count]) => ({
      functionName,
      ranges: [{ startOffset, endOffset: startOffset + 10, count }],
      isBlockCoverage: false,
    })),
  };
}

function called(name: string, calls: number, offset = 0): CalledFunction {
  return { file: 'a.ts', offset, name, calls };
}

describe('countCalls', () => {
  it('counts the named functions of the folder that were called, in order of file and place', () => {
    const reports = [
      script(`${LIB}worker/b.ts`, ['run', 50, 2], ['get size', 20, 3]),
      script(`${LIB}a.ts`, ['push', 0, 1]),
    ];
    expect(countCalls(reports, LIB)).toEqual([
      { file: 'a.ts', offset: 0, name: 'push', calls: 1 },
      { file: 'worker/b.ts', offset: 20, name: 'get size', calls: 3 },
      { file: 'worker/b.ts', offset: 50, name: 'run', calls: 2 },
    ]);
  });

  it('leaves out functions without a name, functions that were not called, and files outside the folder', () => {
    const reports = [
      script(`${LIB}a.ts`, ['', 0, 1], ['idle', 5, 0]),
      script('file:///project/library/a.ts', ['other', 0, 1]),
      script('node:events', ['emit', 0, 4]),
    ];
    expect(countCalls(reports, LIB)).toEqual([]);
  });

  it('adds up the calls of a function over several reports', () => {
    const reports = [script(`${LIB}a.ts`, ['push', 0, 1]), script(`${LIB}a.ts`, ['push', 0, 2])];
    expect(countCalls(reports, LIB)).toEqual([called('push', 3)]);
  });

  it('keeps two functions of the same name in one file apart', () => {
    expect(countCalls([script(`${LIB}a.ts`, ['run', 0, 1], ['run', 30, 1])], LIB)).toEqual([
      called('run', 1, 0),
      called('run', 1, 30),
    ]);
  });
});

describe('sizeOf', () => {
  it('counts files once, and adds up calls', () => {
    const trip = [called('a', 2), called('b', 3, 10), { ...called('c', 1), file: 'c.ts' }];
    expect(sizeOf(trip)).toEqual({ files: 2, functions: 3, calls: 6 });
  });

  it('counts nothing if nothing was called', () => {
    expect(sizeOf([])).toEqual({ files: 0, functions: 0, calls: 0 });
  });
});

describe('usualTrip', () => {
  it.each<[string, Trip[], Trip]>([
    [
      'takes the most common number of calls of each function',
      [[called('a', 2)], [called('a', 9)], [called('a', 2)]],
      [called('a', 2)],
    ],
    ['takes the smaller number of calls if two are as common', [[called('a', 3)], [called('a', 2)]], [called('a', 2)]],
    [
      'leaves out a function that most trips do not call',
      [[called('a', 1), called('heartbeat', 1, 9)], [called('a', 1)], [called('a', 1)]],
      [called('a', 1)],
    ],
    [
      'keeps a function that the first trip does not call',
      [[called('b', 1, 5)], [called('a', 1), called('b', 1, 5)], [called('a', 1), called('b', 1, 5)]],
      [called('a', 1), called('b', 1, 5)],
    ],
    ['is empty without trips', [], []],
  ])('%s', (_title, trips, expected) => {
    expect(usualTrip(trips)).toEqual(expected);
  });
});
