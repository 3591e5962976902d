import type { Profiler } from 'node:inspector';

/** A named function of the library, with the number of its calls. */
export interface CalledFunction {
  /** The path of its file inside the folder of the library. */
  readonly file: string;
  /** Its first character in the compiled file, because one file may have two functions with the same name. */
  readonly offset: number;
  readonly name: string;
  readonly calls: number;
}

/** The functions that were called on a trip, in order of file and place. */
export type Trip = readonly CalledFunction[];

export interface TripSize {
  readonly files: number;
  readonly functions: number;
  readonly calls: number;
}

/**
 * Reads the called functions of one folder out of reports of V8's precise coverage. Getters and initialisers of fields
 * have names and count. Functions without a name do not count, nor does the code of a module itself. V8 counts an `async`
 * function once more each time it goes on after an `await`.
 *
 * @param reports one or more reports on the same process; the calls of a function are added up
 * @param folder the folder's URL, with a slash at its end
 */
export function countCalls(reports: readonly Profiler.ScriptCoverage[], folder: string): Trip {
  const called = new Map<string, CalledFunction>();
  for (const { url, functions } of reports) {
    if (!url.startsWith(folder)) continue;
    const file = url.slice(folder.length);
    for (const { functionName: name, ranges } of functions) {
      const { startOffset: offset = 0, count = 0 } = ranges[0] ?? {};
      if (name === '' || count === 0) continue;
      const key = `${file}:${offset}`;
      called.set(key, { file, offset, name, calls: (called.get(key)?.calls ?? 0) + count });
    }
  }
  return [...called.values()].sort(byPlace);
}

/**
 * Makes one trip of several: each function with its most common number of calls, the smaller one if two are as common. So
 * a heartbeat in one of the trips, or a random number that was drawn twice, changes nothing.
 */
export function usualTrip(trips: readonly Trip[]): Trip {
  const functions = new Map<string, { called: CalledFunction; counts: number[] }>();
  trips.forEach((trip, i) => {
    for (const called of trip) {
      const key = `${called.file}:${called.offset}`;
      const { counts } = getOrSet(functions, key, () => ({ called, counts: trips.map(() => 0) }));
      counts[i] = called.calls;
    }
  });
  return [...functions.values()]
    .map(({ called: { file, offset, name }, counts }) => ({ file, offset, name, calls: mostCommon(counts) }))
    .filter(({ calls }) => calls > 0)
    .sort(byPlace);
}

export function sizeOf(trip: Trip): TripSize {
  return {
    files: new Set(trip.map(({ file }) => file)).size,
    functions: trip.length,
    calls: trip.reduce((sum, { calls }) => sum + calls, 0),
  };
}

function mostCommon(counts: readonly number[]): number {
  const times = (count: number): number => counts.filter((other) => other === count).length;
  return counts.toSorted((a, b) => times(b) - times(a) || a - b)[0] ?? 0;
}

function byPlace(a: CalledFunction, b: CalledFunction): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.offset - b.offset;
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
