import { appendFileSync } from 'node:fs';
import type { Figures } from '../checks/verdict.js';
import { LONG } from './size.js';

/** The file that rows are added to, one line of JSON each. */
export const ROWS_FILE = 'CHAOS_ROWS';

/** What one fault came to. */
export interface Row extends Figures {
  readonly fault: string;
  readonly size: 'short' | 'long';
  /** Milliseconds from the fault until all was well again. */
  readonly recovery?: number;
  /** What else was measured, by what to call it. */
  readonly also?: Readonly<Record<string, number | string>>;
}

/** Adds a row to the table that is printed at the end, where there is one. */
export function record(row: Omit<Row, 'size'>): void {
  const file = process.env[ROWS_FILE];
  if (file) appendFileSync(file, `${JSON.stringify({ ...row, size: LONG ? 'long' : 'short' })}\n`);
}
