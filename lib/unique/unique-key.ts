import { hash } from 'node:crypto';
import type { UniqueKey } from '../drivers/job-traits.interface.js';
import { jsonSerializer } from '../job/json-serializer.js';
import { UnserializableValueError } from '../job/payload-serializer.js';
import { makeKey } from '../job/make-key.js';
import type { CheckedUnique } from '../job/unique-options.js';
import { PayloadNotSerializableError } from '../queue.errors.js';

/** The length of a hash: 132 bits. */
const HASH_LENGTH = 22;

/**
 * Returns the key of a unique job, within its queue.
 *
 * @param data the argument of a function for the key
 * @param stored the data that is stored, of which the default key is made
 * @throws InvalidOptionError if the function throws, or returns no key
 * @throws PayloadNotSerializableError if there is no key, and JSON cannot hold the data
 */
export function uniqueKeyOf(
  jobName: string,
  { key, until = 'end', for: duration }: CheckedUnique,
  data: unknown,
  stored: unknown,
): UniqueKey {
  const own = typeof key === 'function' ? makeKey(jobName, 'unique.key', key, data) : (key ?? hashOf(jobName, stored));
  return { key: `${jobName}\t${own}`, until, for: duration };
}

/** Hashes data, as JSON with sorted keys: the order in which an object was made does not matter. */
function hashOf(jobName: string, data: unknown): string {
  let text: string;
  try {
    text = jsonSerializer.serialize(data);
  } catch (cause) {
    if (!(cause instanceof UnserializableValueError)) throw cause;
    const reason = `${cause.reason}. If your serializer can store it, give unique.key`;
    throw new PayloadNotSerializableError(jobName, cause.path, reason, { cause });
  }
  const canonical = text.includes('{') ? sortedJson(JSON.parse(text)) : text;
  return hash('sha256', canonical, 'base64url').slice(0, HASH_LENGTH);
}

function sortedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`;
  const source = value as Readonly<Record<string, unknown>>;
  const entries = Object.keys(source)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedJson(source[key])}`);
  return `{${entries.join()}}`;
}
