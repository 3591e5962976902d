import { describe, expect, it } from '@jest/globals';
import { mutate } from './mutants/mutant.js';
import { MUTANTS } from './mutants/mutants.js';
import { tryMutant } from './mutants/try-mutant.js';

const TRIAL_MS = 90_000;

/**
 * Deliberate faults show that the model finds faults. `npm run test:mutants` runs all of them; this file runs some
 * quick ones.
 */
describe('a mutant', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('still has its line (%s)', async (_, mutant) => {
    expect(mutant.replace).not.toBe(mutant.find);
    const source = await mutate(mutant);
    expect(source).toContain(mutant.replace);
  });

  it('has a name of its own', () => {
    const names = MUTANTS.map(({ driver, name }) => `${driver} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('without its line is told of', async () => {
    const rotten = { ...MUTANTS[0]!, find: 'no such line' };
    await expect(mutate(rotten)).rejects.toThrow('does not fit');
  });

  it.each([
    // The second copy may follow at once, or later.
    ['a push that arrives twice is carried out twice', /answer$/],
    ['settlements ignore who holds the job', /answer$/],
    ['jobs are due a millisecond late', /^(answer|ready order|groups)$/],
    ['an early poll is executed', /^answer$/],
  ])(
    'is caught by the model (%s)',
    async (name, by) => {
      const { failure } = await tryMutant(MUTANTS.findIndex((mutant) => mutant.name === name));
      expect(failure).toMatchObject({
        check: expect.stringMatching(by),
        message: expect.stringContaining('Mismatch'),
      });
    },
    TRIAL_MS,
  );
});
