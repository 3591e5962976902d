import type { Unit, Verdict } from './result.js';

const HEAD = ['', 'ours', 'BullMQ', 'unit', 'ours / BullMQ', 'rounds', 'target', ''];
/** Numbers stand right. */
const RIGHT = [false, true, true, false, true, true, true, false];

/** The verdicts as a table in Markdown, its columns aligned for reading as it is. */
export function formatTable(verdicts: readonly Verdict[]): string {
  const rows = [HEAD, ...verdicts.map(toCells)];
  const widths = HEAD.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => toLine(row.map((cell, column) => align(cell, widths[column]!, RIGHT[column]!))));
  const rule = toLine(widths.map((width, column) => '-'.repeat(width - 1) + (RIGHT[column] ? ':' : '-')));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
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

function align(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

function toLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
