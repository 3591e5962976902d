import { appendFileSync } from 'node:fs';
import type { Figures } from '../checks/check-all.js';
import { LONG } from './size.js';

/** The environment variable with the path of the file of rows. Each row is one line of JSON. */
export const ROWS_FILE = 'CHAOS_ROWS';

/** The figures of one fault. */
export interface Row extends Figures {
  readonly fault: string;
  readonly size: 'short' | 'long';
  /** Milliseconds from the fault until jobs run again. */
  readonly recovery?: number;
  /** Other measured values, by their names. */
  readonly also?: Readonly<Record<string, number | string>>;
}

/** Adds a row to the table that `npm run test:chaos` prints at its end. Does nothing in other runs. */
export function record(row: Omit<Row, 'size'>): void {
  const file = process.env[ROWS_FILE];
  if (file) appendFileSync(file, `${JSON.stringify({ ...row, size: LONG ? 'long' : 'short' })}\n`);
}
