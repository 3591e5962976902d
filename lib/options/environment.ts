import { InvalidOptionError } from '../queue.errors.js';
import type { Check } from '../support/checks.js';

/** Reads options from environment variables. An empty variable counts as not set. */
export class Environment {
  constructor(private readonly variables: Readonly<Record<string, string | undefined>>) {}

  /**
   * Reads a variable.
   *
   * @throws InvalidOptionError with the name of the variable, if its value fails the check
   */
  get<T>(name: string, check: Check<T>): T | undefined {
    const value = this.variables[name];
    if (value === undefined || value === '') return undefined;
    const read = check.read(value);
    if (read === undefined) throw new InvalidOptionError(name, check.expected, value);
    return read;
  }

  /**
   * Reads a whole number from the text of a variable.
   *
   * @throws InvalidOptionError with the name of the variable, if its value fails the check
   */
  getInteger(name: string, check: Check<number>): number | undefined {
    return this.get(name, {
      expected: check.expected,
      read: (value) => (/^\d{1,15}$/.test(value as string) ? check.read(Number(value)) : undefined),
    });
  }
}
