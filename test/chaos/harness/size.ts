/** True if the tests run at full size, as in `npm run test:chaos`. */
export const LONG = process.env['CHAOS'] === 'long';

/** Picks the size of this run. */
export function sized<Size>(sizes: { readonly short: Size; readonly long: Size }): Size {
  return LONG ? sizes.long : sizes.short;
}

/** The time limit of one test, in milliseconds. */
export const TEST_LIMIT = LONG ? 300_000 : 60_000;
