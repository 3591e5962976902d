import { InvalidOptionError } from '../queue.errors.js';

/** The longest line, in bytes. */
const LONGEST = 4_096;
/** The end of a line that was cut. */
const CUT = '…';
const CUT_BYTES = Buffer.byteLength(CUT);

/**
 * Reads a line that a job logs. A line that is too long is cut, because a log should not fail its job.
 *
 * @throws InvalidOptionError if it is no text
 */
export function readLogLine(value: unknown): string {
  if (typeof value !== 'string') throw new InvalidOptionError('log', 'a line of text', value);
  // A character has at least as many bytes as UTF-16 units. UTF-8 has no halves of characters, so each driver keeps the same text.
  const bytes = Buffer.from(value.slice(0, LONGEST + 1));
  if (bytes.length <= LONGEST) return bytes.toString();
  let end = LONGEST - CUT_BYTES;
  // Goes back to the first byte of a character: each other byte begins with the bits 10.
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString() + CUT;
}
