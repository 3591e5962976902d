import { inspect, isDeepStrictEqual } from 'node:util';

/** The checks after each command; the word names the check that failed. */
export type Check =
  | 'answer'
  | 'second answer'
  | 'fences'
  | 'places'
  | 'ready order'
  | 'recovered order'
  | 'delayed'
  | 'claims'
  | 'cancelled'
  | 'keys'
  | 'throttles'
  | 'leases'
  | 'takeover'
  | 'records'
  | 'elsewhere'
  | 'groups'
  | 'kept'
  | 'failures'
  | 'logs'
  | 'counts'
  | 'status'
  | 'marker'
  | 'hold'
  | 'statistics'
  | 'left-overs'
  | 'flows'
  | 'members'
  | 'ends'
  | 'error';

/** The storage and the model differ. */
export class Mismatch extends Error {
  constructor(
    readonly check: Check,
    message: string,
  ) {
    super(`${check}: ${message}`);
    this.name = 'Mismatch';
  }
}

/** @throws Mismatch */
export function expectSame(check: Check, what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Mismatch(check, `${what}\n  storage: ${show(actual)}\n  model:   ${show(expected)}`);
}

/** @throws Mismatch */
export function expectThat(check: Check, holds: boolean, message: string): void {
  if (!holds) throw new Mismatch(check, message);
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: 160, maxArrayLength: 50 });
}
