import { InvalidOptionError } from '../queue.errors.js';
import type { Check } from './checks.js';
import { closest } from './closest.js';

/**
 * Reads the options of one object. Its errors name the path of the wrong option, the expected value and the given value.
 * An option that is `undefined` counts as not given.
 */
export class OptionReader {
  private constructor(
    private readonly source: Readonly<Record<string, unknown>>,
    /** The name of the object in messages. */
    readonly path: string,
  ) {}

  /**
   * Makes the reader of an object.
   *
   * @param path the name of the object in messages; the empty string for the options as a whole
   * @throws InvalidOptionError if the value is no object
   */
  static of(value: unknown, path: string): OptionReader {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidOptionError(path || 'options', 'an object', value);
    }
    return new OptionReader(value as Record<string, unknown>, path);
  }

  /** Returns the whole path of an option. */
  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  /** Returns the given value without a check. */
  raw(key: string): unknown {
    return this.source[key];
  }

  /** Returns the names of the given options. */
  given(): string[] {
    return Object.keys(this.source).filter((key) => this.source[key] !== undefined);
  }

  /**
   * Returns the names of the given options, also of those that the object inherits.
   *
   * @throws InvalidOptionError as {@link refuseOthers} does
   */
  givenOf(known: readonly string[]): readonly string[] {
    const own = this.given();
    for (const key of own) if (!known.includes(key)) this.refuse(key, known);
    const prototype: unknown = Object.getPrototypeOf(this.source);
    if (prototype === Object.prototype || prototype === null) return own;
    return known.filter((key) => this.source[key] !== undefined);
  }

  /**
   * Reads an option; returns `undefined` if it is not given.
   *
   * @throws InvalidOptionError if its value fails the check
   */
  get<T>(key: string, check: Check<T>): T | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const read = check.read(value);
    if (read === undefined) throw new InvalidOptionError(this.at(key), check.expected, value);
    return read;
  }

  /**
   * Makes the reader of the object under a key. If the key is not given, that reader has no options.
   *
   * @throws InvalidOptionError if the value is no object
   */
  below(key: string): OptionReader {
    return OptionReader.of(this.raw(key) ?? {}, this.at(key));
  }

  /**
   * Refuses options with other names than these.
   *
   * @throws InvalidOptionError with the first such option, and the known name that is nearest to it
   */
  refuseOthers(known: readonly string[]): void {
    for (const key of this.given()) if (!known.includes(key)) this.refuse(key, known);
  }

  private refuse(key: string, known: readonly string[]): never {
    const meant = closest(key, known);
    const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean "${meant}"?`;
    throw new InvalidOptionError(this.at(key), `no option of this name (${hint})`, this.source[key]);
  }
}
