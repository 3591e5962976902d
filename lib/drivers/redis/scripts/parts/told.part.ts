import { definePart } from '../part.js';

/** The kinds of values of a note. */
export const TOLD = { progress: 'p', checkpoint: 'c', log: 'l' } as const;
/** The kinds of values of a completed job: capitals, which Lua sorts before the others. */
export const KEPT = { result: 'R', answer: 'A', keepFor: 'K', error: 'E' } as const;

/**
 * Reads what comes beside settlements. `S.told` has a table for each job that tells something, and `S.kept` one for each job
 * whose result is kept, with its values by kind. Most polls bring nothing; then both are nil.
 *
 * rest: `id, kind, value` for each of `values`; what follows them begins at `ARGV[S.rest]`.
 */
export const told = definePart({
  name: 'told',
  numbers: ['values'],
  shared: { rest: 'rest' },
  reads: `
if values > 0 then
  S.rest = rest + 3 * values
  for i = rest, S.rest - 1, 3 do
    local id, kind, all = ARGV[i], ARGV[i + 1], nil
    if kind < 'a' then
      S.kept = S.kept or {}
      all = S.kept
    else
      S.told = S.told or {}
      all = S.told
    end
    all[id] = all[id] or {}
    all[id][kind] = ARGV[i + 2]
  end
end
`,
});
