import { oneLine } from '../format.js';

/** The longest text of a cell. */
const WIDEST = 60;

/** Prints the result of a command: as text for people, or with `--json` as one JSON document. */
export class QueueOutput {
  constructor(
    private readonly write: (text: string) => void,
    private readonly isJson: boolean,
  ) {}

  /** @param value the result, for `--json` @param text makes the text for people */
  print(value: unknown, text: () => string): void {
    this.write(`${this.isJson ? JSON.stringify(value, null, 2) : text()}\n`);
  }
}

/** Formats rows below their headings; numbers stand at the right. Cells of unknown origin cannot control the terminal. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  widest = WIDEST,
): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? String(cell) : oneLine(cell, widest))));
  const isNumber = headings.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'));
  const widths = headings.map((heading, at) => Math.max(heading.length, ...cells.map((row) => row[at]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd();
  return [headings, ...cells].map((row) => line(row)).join('\n');
}

/** Formats a number of things: `1 job`, `2 jobs`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** Formats seconds as an age: `12 s`, `5 min`, `3 h`, `2 d`; `-` for none. */
export function age(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '-';
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  if (seconds < 6_000) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 360_000) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
