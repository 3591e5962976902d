import type { Carried, JobContextCarrier } from '../job/job-context-carrier.interface.js';
import { InvalidOptionError } from '../queue.errors.js';
import { errorMessage, toError } from '../support/error-text.js';

/** The most bytes of the values of a job, as JSON. */
const MOST_BYTES = 8_192;

/** The carriers of the application: captures the context of a push, and restores it around what runs for its job. */
export class Carriers {
  private constructor(private readonly list: readonly JobContextCarrier[]) {}

  /** @returns `undefined` without carriers, so that jobs cost nothing more */
  static of(list: readonly JobContextCarrier[] | undefined): Carriers | undefined {
    return list && list.length > 0 ? new Carriers(list) : undefined;
  }

  /**
   * Captures the current context; `undefined` if no carrier has a value.
   *
   * @throws InvalidOptionError if a carrier throws, a value is no text, or the values are too large
   */
  capture(): Carried | undefined {
    const carried: Record<string, string> = {};
    for (const carrier of this.list) {
      const value = captureOf(carrier);
      if (value !== undefined) carried[carrier.name] = value;
    }
    const names = Object.keys(carried);
    if (names.length === 0) return undefined;
    const size = Buffer.byteLength(JSON.stringify(carried));
    if (size <= MOST_BYTES) return carried;
    throw new InvalidOptionError(
      'carriers',
      `values of at most ${MOST_BYTES} bytes in all (${names.join(', ')})`,
      size,
    );
  }

  /**
   * Calls `next` in the context that was captured, the first carrier outermost. Values whose carrier this process does not have are
   * left out.
   *
   * @throws the error of a carrier, or InvalidOptionError if it does not call `next`
   */
  restore<T>(carried: Carried, next: () => T): T {
    let result: { readonly value: T } | undefined;
    const end = (): T => (result ??= { value: next() }).value;
    const enter = this.list.reduceRight<() => T>((rest, carrier) => {
      const value = carried[carrier.name];
      return value === undefined ? rest : () => carrier.restore(value, rest);
    }, end);
    try {
      enter();
    } catch (error) {
      // What a carrier throws behind `next` must not run it again, nor hide what it returned.
      if (!result) throw error;
    }
    if (!result) throw new InvalidOptionError('carriers', 'restore() that calls next() at once', this.list);
    return result.value;
  }
}

function captureOf(carrier: JobContextCarrier): string | undefined {
  const path = `carriers.${carrier.name}.capture()`;
  let value: unknown;
  try {
    value = carrier.capture();
  } catch (cause) {
    const expected = `a text or undefined; it throws: ${errorMessage(toError(cause))}`;
    throw new InvalidOptionError(path, expected, carrier, { cause });
  }
  if (value === undefined || typeof value === 'string') return value;
  throw new InvalidOptionError(path, 'a text or undefined', value);
}
