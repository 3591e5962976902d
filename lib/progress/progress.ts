import type { JobNote } from '../job/attempt-desk.interface.js';
import { jsonSerializer } from '../job/json-serializer.js';
import { InvalidOptionError } from '../queue.errors.js';
import { wholeJson } from '../support/whole-text.js';

/** The longest progress as JSON, in bytes. */
const LONGEST = 4_096;
const EXPECTED = 'a number from 0 to 100, or another value of at most 4 kB as JSON';

/** Writes the progress that a job tells as a note. Replaces halves of characters in it. @throws InvalidOptionError */
export function progressNote(value: unknown): JobNote {
  const isWrong = value === undefined || (typeof value === 'number' && !(value >= 0 && value <= 100));
  if (isWrong) throw new InvalidOptionError('progress', EXPECTED, value);
  let progress: string;
  try {
    progress = wholeJson(jsonSerializer.serialize(value));
  } catch (cause) {
    throw new InvalidOptionError('progress', EXPECTED, value, { cause });
  }
  if (Buffer.byteLength(progress) > LONGEST) throw new InvalidOptionError('progress', EXPECTED, value);
  return { progress };
}

/** Reads a stored progress. */
export function readProgress(text: string): unknown {
  return jsonSerializer.deserialize(text);
}
