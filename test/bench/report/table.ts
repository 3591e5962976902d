import { markdownTable } from '../../support/markdown-table.js';
import type { Unit, Verdict } from './result.js';

const COLUMNS = [
  { head: '' },
  { head: 'ours', right: true },
  { head: 'BullMQ', right: true },
  { head: 'unit' },
  { head: 'ours / BullMQ', right: true },
  { head: 'rounds', right: true },
  { head: 'target', right: true },
  { head: '' },
];

/** The verdicts as a table in Markdown. */
export function formatTable(verdicts: readonly Verdict[]): string {
  return markdownTable(COLUMNS, verdicts.map(toCells));
}

function toCells({ result, medians, ratio, target, met }: Verdict): string[] {
  return [
    result.title,
    formatValue(medians.ours, result.unit),
    formatValue(medians.bullmq, result.unit),
    result.unit,
    formatRatio(ratio.median),
    `${formatRatio(ratio.least)} - ${formatRatio(ratio.most)}`,
    target ? `${target.is === 'at least' ? '>=' : '<='} ${target.ratio}` : '',
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ];
}

export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'jobs/s':
    case 'bytes':
      return Math.round(value).toLocaleString('en-US');
    case 'ms':
      return value.toFixed(3);
    case 'us':
      return value.toFixed(2);
  }
}

function formatRatio(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : 1);
}
