/** The data of a job. */
export interface Payload {
  readonly number: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

const NUMBER_LENGTH = 10;

/**
 * Makes the data of a job with exactly this size as JSON.
 *
 * @param bytes the size
 * @param number makes the data of each job different
 * @throws RangeError if the size is too small for the other properties
 */
export function makePayload(bytes: number, number: number): Payload {
  const head = {
    number: String(number).padStart(NUMBER_LENGTH, '0'),
    to: 'ada@example.org',
    subject: 'Your order is on its way',
  };
  const rest = bytes - JSON.stringify({ ...head, body: '' }).length;
  if (rest < 0) throw new RangeError(`a payload takes ${bytes - rest} bytes at least`);
  return { ...head, body: 'x'.repeat(rest) };
}

export function makePayloads(bytes: number, count: number): Payload[] {
  return Array.from({ length: count }, (_, i) => makePayload(bytes, i));
}
