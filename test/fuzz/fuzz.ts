import { it } from '@jest/globals';
import fc from 'fast-check';

const LIMIT_MS = 90_000;

/**
 * Makes a test that checks a property of random values. It prints its seed. Set FUZZ_SEED, and FUZZ_PATH from the output of
 * a failure, to run the same values again. Set FUZZ_RUNS for more runs.
 */
export function fuzz<T>(
  name: string,
  values: fc.Arbitrary<T>,
  property: (value: T) => Promise<void>,
  runs: number,
): void {
  it(
    name,
    async () => {
      const { FUZZ_SEED, FUZZ_PATH, FUZZ_RUNS } = process.env;
      const seed = Number(FUZZ_SEED ?? Date.now() % 2 ** 31);
      const numRuns = Number(FUZZ_RUNS ?? runs);
      process.stdout.write(`fuzz "${name}": FUZZ_SEED=${seed}, ${numRuns} runs\n`);
      await fc.assert(fc.asyncProperty(values, property), { seed, numRuns, ...(FUZZ_PATH && { path: FUZZ_PATH }) });
    },
    LIMIT_MS,
  );
}

/** Makes strings of any code units, including halves of surrogate pairs and control characters. */
export function anyString(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x1f }) },
    { weight: 1, arbitrary: fc.integer({ min: 0x7f, max: 0xffff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0xd7f0, max: 0xe010 }) },
  );
  return fc.string({ unit: unit.map((code) => String.fromCharCode(code)), maxLength });
}
