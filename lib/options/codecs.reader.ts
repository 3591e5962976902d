import type { PayloadCodec } from '../job/payload-codec.interface.js';
import { InvalidOptionError } from '../queue.errors.js';
import { having, type Check } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';

const codecCheck = having<PayloadCodec>('encode', 'decode');
const nameCheck: Check<string> = {
  expected: 'a name of 1 to 32 of a-z 0-9 -',
  read: (value) => (typeof value === 'string' && /^[a-z0-9-]{1,32}$/.test(value) ? value : undefined),
};

/** Reads the option `codecs`. @throws InvalidOptionError */
export function readCodecs(options: OptionReader): readonly PayloadCodec[] {
  const given = options.raw('codecs') ?? [];
  const path = options.at('codecs');
  if (!Array.isArray(given)) throw new InvalidOptionError(path, 'a list of codecs', given);
  const names = new Set<string>();
  const codecs = Array.from(given as unknown[], (value, index) => {
    const codec = codecCheck.read(value);
    if (!codec) throw new InvalidOptionError(`${path}[${index}]`, codecCheck.expected, value);
    const name = nameCheck.read(codec.name);
    if (name === undefined) throw new InvalidOptionError(`${path}[${index}].name`, nameCheck.expected, codec.name);
    if (names.has(name)) throw new InvalidOptionError(`${path}[${index}].name`, 'each codec once', name);
    names.add(name);
    return codec;
  });
  return Object.freeze(codecs);
}
