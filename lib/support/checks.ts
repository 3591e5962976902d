import { DURATION_EXPECTED, toSeconds } from './duration.js';

/** Checks and reads the value of an option. */
export interface Check<T> {
  /** The expected value, in words for the error message. */
  readonly expected: string;
  /** Returns the value in the form that the library uses, or `undefined` if it fails the check. */
  read(value: unknown): T | undefined;
}

export const boolean: Check<boolean> = {
  expected: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

const SWITCHES: ReadonlyMap<unknown, boolean> = new Map([
  ...['on', 'true', '1'].map((word) => [word, true] as const),
  ...['off', 'false', '0'].map((word) => [word, false] as const),
]);

/** Checks the text of a variable that turns something on or off. */
export const switchCheck: Check<boolean> = {
  expected: '"on", "true" or "1", or "off", "false" or "0"',
  read: (value) => (typeof value === 'string' ? SWITCHES.get(value.trim().toLowerCase()) : undefined),
};

export const text: Check<string> = {
  expected: 'a string that is not empty',
  read: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
};

export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Check<number> {
  return {
    expected: max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
    read: (value) =>
      Number.isSafeInteger(value) && inRange(value as number, min, max) ? (value as number) : undefined,
  };
}

export function number(min: number, max: number): Check<number> {
  return {
    expected: `a number from ${min} to ${max}`,
    read: (value) => (typeof value === 'number' && inRange(value, min, max) ? value : undefined),
  };
}

/**
 * Checks a duration in seconds or as text; reads it as seconds.
 *
 * @param mostAsNumber the largest number: a larger one is nearly always meant in milliseconds. Text may say more
 */
export function duration(
  min = 0,
  max = Number.POSITIVE_INFINITY,
  mostAsNumber = Number.POSITIVE_INFINITY,
): Check<number> {
  const limits = [
    min > 0 ? `at least ${min} s` : '',
    Number.isFinite(max) ? `at most ${max} s` : '',
    Number.isFinite(mostAsNumber)
      ? `as a number at most ${mostAsNumber} (numbers are seconds, not milliseconds; text such as "2d" may say more)`
      : '',
  ];
  return {
    expected: [DURATION_EXPECTED, ...limits.filter(Boolean)].join(', '),
    read(value) {
      if (typeof value === 'number' && value > mostAsNumber) return undefined;
      const seconds = toSeconds(value);
      return seconds !== undefined && inRange(seconds, min, max) ? seconds : undefined;
    },
  };
}

export function oneOf<T extends string>(...words: readonly T[]): Check<T> {
  return {
    expected: words.map((word) => JSON.stringify(word)).join(' or '),
    read: (value) => words.find((word) => word === value),
  };
}

/** Checks that a value is an object with these methods. */
export function having<T extends object>(...methods: readonly (keyof T & string)[]): Check<T> {
  return {
    expected: `an object with ${methods.map((method) => `${method}()`).join(', ')}`,
    read(value) {
      if (typeof value !== 'object' || value === null) return undefined;
      const object = value as Record<string, unknown>;
      return methods.every((method) => typeof object[method] === 'function') ? (value as T) : undefined;
    },
  };
}

function inRange(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
