import { InvalidOptionError } from '../queue.errors.js';
import type { Check } from './checks.js';
import { closest } from './closest.js';

/**
 * Reads the options of one object, and tells exactly what is wrong with a bad one: its path, what was
 * expected, what was given. An option that is `undefined` counts as not given.
 */
export class OptionReader {
  private constructor(
    private readonly source: Readonly<Record<string, unknown>>,
    /** What the object is called in messages. */
    readonly path: string,
  ) {}

  /**
   * @param path what to call the object in messages; the empty string for the options as a whole
   * @throws InvalidOptionError where the value is no object
   */
  static of(value: unknown, path: string): OptionReader {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidOptionError(path || 'options', 'an object', value);
    }
    return new OptionReader(value as Record<string, unknown>, path);
  }

  /** The whole path of an option. */
  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  /** What was given, unread. */
  raw(key: string): unknown {
    return this.source[key];
  }

  /** The names of what was given. */
  given(): string[] {
    return Object.keys(this.source).filter((key) => this.source[key] !== undefined);
  }

  /** @throws InvalidOptionError where the option is given and is not what it has to be */
  get<T>(key: string, check: Check<T>): T | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const read = check.read(value);
    if (read === undefined) throw new InvalidOptionError(this.at(key), check.expected, value);
    return read;
  }

  /** The options below one key; none where it is not given. */
  below(key: string): OptionReader {
    return OptionReader.of(this.raw(key) ?? {}, this.at(key));
  }

  /** @throws InvalidOptionError where an option is given that is none of these */
  refuseOthers(known: readonly string[]): void {
    for (const key of this.given()) {
      if (known.includes(key)) continue;
      const meant = closest(key, known);
      const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean "${meant}"?`;
      throw new InvalidOptionError(this.at(key), `no option of this name (${hint})`, this.source[key]);
    }
  }
}
