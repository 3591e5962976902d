import type { JobContextCarrier } from '../job/job-context-carrier.interface.js';
import { InvalidOptionError } from '../queue.errors.js';
import { having, type Check } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';

const carrierCheck = having<JobContextCarrier>('capture', 'restore');
const nameCheck: Check<string> = {
  expected: 'a name of 1 to 64 characters, other than "__proto__"',
  read: (value) =>
    typeof value === 'string' && value !== '' && value.length <= 64 && value !== '__proto__' ? value : undefined,
};

/** Reads the option `carriers`. @throws InvalidOptionError */
export function readCarriers(options: OptionReader): readonly JobContextCarrier[] {
  const given = options.raw('carriers') ?? [];
  const path = options.at('carriers');
  if (!Array.isArray(given)) throw new InvalidOptionError(path, 'a list of carriers', given);
  const names = new Set<string>();
  const carriers = Array.from(given as unknown[], (value, index) => {
    const carrier = carrierCheck.read(value);
    if (!carrier) throw new InvalidOptionError(`${path}[${index}]`, carrierCheck.expected, value);
    const name = nameCheck.read(carrier.name);
    if (name === undefined) throw new InvalidOptionError(`${path}[${index}].name`, nameCheck.expected, carrier.name);
    if (names.has(name)) throw new InvalidOptionError(`${path}[${index}].name`, 'a name for each carrier', name);
    names.add(name);
    return carrier;
  });
  return Object.freeze(carriers);
}
