import { it } from '@jest/globals';
import fc from 'fast-check';

const LIMIT_MS = 90_000;

/**
 * A property as a test. It prints its seed; FUZZ_SEED, and FUZZ_PATH as a failure prints it, take it up again. FUZZ_RUNS
 * is for more runs than usual.
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

/** A string of any code units, halves of surrogate pairs and control characters among them. */
export function anyString(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x1f }) },
    { weight: 1, arbitrary: fc.integer({ min: 0x7f, max: 0xffff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0xd7f0, max: 0xe010 }) },
  );
  return fc.string({ unit: unit.map((code) => String.fromCharCode(code)), maxLength });
}
