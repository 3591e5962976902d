import { markdownTable } from '../../support/markdown-table.js';
import { SYSTEMS } from '../systems/systems.js';
import type { SystemName } from '../systems/system.interface.js';
import type { Target, Unit, Evaluation } from './result.js';
import type { Spread } from './statistics.js';

const NAMES: Readonly<Record<SystemName, string>> = {
  ours: 'ours',
  bullmq: 'BullMQ',
  bull: 'Bull',
  'bee-queue': 'Bee-Queue',
  groupmq: 'GroupMQ',
  bare: 'bare lists',
};

interface Column {
  readonly head: string;
  /** True to align the column to the right, for numbers. */
  readonly right: boolean;
  cell(evaluation: Evaluation): string;
}

/** Formats the evaluations as an aligned Markdown table, with a column for each measured system. */
export function formatTable(evaluations: readonly Evaluation[]): string {
  const columns = columnsFor(evaluations);
  return markdownTable(
    columns,
    evaluations.map((evaluation) => columns.map(({ cell }) => cell(evaluation))),
  );
}

function columnsFor(evaluations: readonly Evaluation[]): Column[] {
  const systems = SYSTEMS.filter((system) => evaluations.some(({ medians }) => medians[system] !== undefined));
  return [
    { head: '', right: false, cell: ({ result }) => result.title },
    ...systems.map((system): Column => ({
      head: NAMES[system],
      right: true,
      cell: ({ medians, result }) => formatValue(medians[system], result.unit),
    })),
    { head: 'unit', right: false, cell: ({ result }) => result.unit },
    { head: 'ours / BullMQ', right: true, cell: ({ ratio }) => (ratio ? formatRatio(ratio.median) : '') },
    { head: 'rounds', right: true, cell: formatRounds },
    { head: 'target', right: true, cell: ({ target, result }) => formatTarget(target, result.unit) },
    { head: '', right: false, cell: ({ met }) => (met === undefined ? '' : met ? 'met' : 'MISSED') },
  ];
}

/** Formats the spread of the rounds: of the ratio, else of the values of ours. For percentiles: the largest sample. */
function formatRounds({ result, ratio, spread }: Evaluation): string {
  if (ratio) return formatSpread(ratio, formatRatio);
  if (result.most !== undefined) return `max ${formatValue(result.most, result.unit)}`;
  return spread && result.values.ours!.length > 1
    ? formatSpread(spread, (value) => formatValue(value, result.unit))
    : '';
}

/** Formats a target. A target for the value of ours has its unit. */
function formatTarget(target: Target | undefined, unit: Unit): string {
  if (!target) return '';
  const sign = target.is === 'at least' ? '>=' : '<=';
  if ('ratio' in target) return `${sign} ${target.ratio}`;
  return `${sign} ${target.value} ${unit}`;
}

export function formatValue(value: number | undefined, unit: Unit): string {
  if (value === undefined) return '';
  switch (unit) {
    case 'jobs/s':
    case 'bytes':
    case 'us/s':
    case 'entries':
      return Math.round(value).toLocaleString('en-US');
    case 'ms':
      return value.toFixed(3);
    case 'us':
    case 'part':
    case 'commands/s':
    case 'ms/s':
      return value.toFixed(2);
  }
}

function formatSpread({ least, most }: Spread, format: (value: number) => string): string {
  return `${format(least)} - ${format(most)}`;
}

function formatRatio(ratio: number): string {
  // Both values are 0.
  if (!Number.isFinite(ratio)) return '-';
  return ratio.toFixed(ratio < 10 ? 2 : 1);
}
