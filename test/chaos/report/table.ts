import { markdownTable } from '../../support/markdown-table.js';
import type { Row } from '../harness/record.js';

const COLUMNS = [
  { head: 'fault' },
  { head: 'jobs', right: true },
  { head: 'lost', right: true },
  { head: 'extra runs', right: true },
  { head: 'held by lost workers', right: true },
  { head: 'refused', right: true },
  { head: 'recovery', right: true },
  { head: 'also' },
];

/** Formats the figures of all faults as a Markdown table, sorted by the name of the fault. */
export function formatRows(rows: readonly Row[]): string {
  return markdownTable(COLUMNS, rows.toSorted((a, b) => a.fault.localeCompare(b.fault)).map(toCells));
}

function toCells({ fault, jobs, lost, extra, held, refused, recovery, also = {} }: Row): string[] {
  return [
    fault,
    ...[jobs, lost, extra, held, refused].map((count) => count.toLocaleString('en-US')),
    recovery === undefined ? '' : `${(recovery / 1000).toFixed(2)} s`,
    Object.entries(also)
      .map(([what, value]) => `${what}: ${typeof value === 'number' ? value.toLocaleString('en-US') : value}`)
      .join(', '),
  ];
}
