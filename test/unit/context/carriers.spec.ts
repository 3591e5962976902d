import { describe, expect, it } from '@jest/globals';
import type { JobContextCarrier } from 'nestjs-job-queue';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';
import { Carriers } from '../../../lib/context/carriers.js';

/** A carrier that notes what it does. */
function noting(name: string, value: string | undefined, notes: unknown[] = []): JobContextCarrier {
  return {
    name,
    capture: () => value,
    restore: (restored, next) => {
      notes.push(`${name} ${restored}`);
      return next();
    },
  };
}

describe('Carriers', () => {
  it('are none without carriers', () => {
    expect(Carriers.of([])).toBeUndefined();
    expect(Carriers.of(undefined)).toBeUndefined();
  });

  it('capture the values by name, and nothing if there are none', () => {
    expect(Carriers.of([noting('a', '1'), noting('b', undefined), noting('c', '')])!.capture()).toEqual({
      a: '1',
      c: '',
    });
    expect(Carriers.of([noting('b', undefined)])!.capture()).toBeUndefined();
  });

  it('capture at most 8,192 bytes in all', () => {
    const fits = 'x'.repeat(8_192 - '{"a":""}'.length);
    expect(Carriers.of([noting('a', fits)])!.capture()).toEqual({ a: fits });
    const tooLarge = Carriers.of([noting('a', fits), noting('b', '1')])!;
    expect(() => tooLarge.capture()).toThrow(InvalidOptionError);
    expect(() => tooLarge.capture()).toThrow(
      'Option "carriers": expected values of at most 8192 bytes in all (a, b), got 8200',
    );
  });

  it('refuse a value that is no text, and tell which carrier throws', () => {
    expect(() => Carriers.of([noting('a', 5 as never)])!.capture()).toThrow(
      'Option "carriers.a.capture()": expected a text or undefined, got 5',
    );
    const throwing = {
      ...noting('b', ''),
      capture: () => {
        throw new Error('no luck');
      },
    };
    expect(() => Carriers.of([throwing])!.capture()).toThrow(/"carriers.b.capture\(\)": .*it throws: no luck/);
  });

  it('restore their values, the first one outermost, and leave out others', () => {
    const notes: unknown[] = [];
    const carriers = Carriers.of([noting('a', '', notes), noting('b', '', notes), noting('c', '', notes)])!;
    expect(carriers.restore({ c: '3', a: '1', unknown: 'x' }, () => (notes.push('next'), 'result'))).toBe('result');
    expect(notes).toEqual(['a 1', 'c 3', 'next']);
  });

  it('run next once, and return its result, whatever a carrier does behind it', () => {
    let runs = 0;
    const twice: JobContextCarrier = { ...noting('a', ''), restore: (_, next) => (next(), next()) };
    const throwing: JobContextCarrier = {
      ...noting('b', ''),
      restore: (_, next) => {
        next();
        throw new Error('late');
      },
    };
    expect(Carriers.of([twice, throwing])!.restore({ a: '1', b: '1' }, () => ++runs)).toBe(1);
  });

  it('throw the error of a carrier, of next, and one for a carrier that does not call next', () => {
    const failing: JobContextCarrier = {
      ...noting('a', ''),
      restore: () => {
        throw new Error('no luck');
      },
    };
    expect(() => Carriers.of([failing])!.restore({ a: '1' }, () => 1)).toThrow('no luck');
    const carriers = Carriers.of([noting('a', '')])!;
    expect(() =>
      carriers.restore({ a: '1' }, () => {
        throw new Error('of next');
      }),
    ).toThrow('of next');
    const forgetful: JobContextCarrier = { ...noting('a', ''), restore: (() => undefined) as never };
    expect(() => Carriers.of([forgetful])!.restore({ a: '1' }, () => 1)).toThrow(
      /restore\(\) that calls next\(\) at once/,
    );
  });
});

describe('the option carriers', () => {
  const resolve = (carriers: unknown) => () => resolveOptions({ carriers: carriers as never }, {});

  it.each([
    [noting('a', ''), /"carriers": expected a list of carriers/],
    [[{ name: 'a', capture() {} }], /"carriers\[0\]": expected an object with capture\(\), restore\(\)/],
    [[noting('', '')], /"carriers\[0\].name": expected a name of 1 to 64 characters/],
    [[noting('a', ''), noting('a', '')], /"carriers\[1\].name": expected a name for each carrier, got "a"/],
  ])('is refused with its place: %#', (carriers, message) => {
    expect(resolve(carriers)).toThrow(message);
  });
});
