import { markdownTable } from '../../support/markdown-table.js';
import { sizeOf, type Trip } from './count-calls.js';
import type { TripName } from './limits.js';
import type { Way } from './measure.js';

const TITLES: Readonly<Record<TripName, string>> = {
  push: '`push` until it resolves',
  whole: 'push, wake, claim, handle, settle',
};
const COLUMNS = [
  { head: 'trip' },
  { head: 'files', right: true },
  { head: 'functions', right: true },
  { head: 'calls', right: true },
];

/** Formats the sizes of both trips as a table. */
export function formatSizes({ push, whole }: Way): string {
  const toRow = (title: string, trip: Trip): string[] => {
    const { files, functions, calls } = sizeOf(trip);
    return [title, ...[files, functions, calls].map(String)];
  };
  return markdownTable(COLUMNS, [toRow(TITLES.push, push), toRow(TITLES.whole, whole)]);
}

/** Lists every file of both trips, with its functions and the number of calls of each. */
export function formatFunctions(way: Way): string {
  return (['push', 'whole'] as const).map((name) => `${TITLES[name]}\n\n${formatTrip(way[name])}`).join('\n\n');
}

function formatTrip(trip: Trip): string {
  const files = new Set(trip.map(({ file }) => file));
  return [...files]
    .map((file) =>
      formatFile(
        file,
        trip.filter((called) => called.file === file),
      ),
    )
    .join('\n');
}

function formatFile(file: string, trip: Trip): string {
  const { functions, calls } = sizeOf(trip);
  const lines = trip.map(({ name, calls: own }) => `  ${String(own).padStart(3)} ${name}`);
  return [`${file} (functions: ${functions}, calls: ${calls})`, ...lines].join('\n');
}
