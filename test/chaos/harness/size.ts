/** Whether the faults are done at full size; `npm run test:chaos` says so. */
export const LONG = process.env['CHAOS'] === 'long';

/** Of the two sizes of a fault the one that is asked for. */
export function sized<Size>(sizes: { readonly short: Size; readonly long: Size }): Size {
  return LONG ? sizes.long : sizes.short;
}

/** How long one test may take, in milliseconds. */
export const TEST_LIMIT = LONG ? 300_000 : 60_000;
