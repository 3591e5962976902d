import type { TripSize } from './count-calls.js';

export type TripName = 'push' | 'whole';
export type TripLimit = Pick<TripSize, 'files' | 'functions'>;

/** The most files and functions of the library on the way of a job. */
export const LIMITS: Readonly<Record<TripName, TripLimit>> = {
  push: { files: 12, functions: 30 },
  whole: { files: 30, functions: 110 },
};

/** Names each limit that a trip exceeds. */
export function findExcesses(
  sizes: Readonly<Record<TripName, TripSize>>,
  limits: Readonly<Record<TripName, TripLimit>> = LIMITS,
): string[] {
  const excesses: string[] = [];
  for (const trip of ['push', 'whole'] as const) {
    for (const unit of ['files', 'functions'] as const) {
      const [size, limit] = [sizes[trip][unit], limits[trip][unit]];
      if (size > limit) excesses.push(`${trip}: ${size} ${unit}, at most ${limit} are allowed`);
    }
  }
  return excesses;
}
