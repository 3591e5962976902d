import { definePart } from '../part.js';

/** The kinds of values that come with a settlement, or in a note. */
export const TOLD = { progress: 'p' } as const;

/**
 * Reads what jobs tell beside their settlements: `S.told` has a table for each job that tells something, with its values by
 * kind. Nothing is told in most polls; then `S.told` is nil.
 *
 * rest: `id, kind, value` for each of `values`; what follows them begins at `ARGV[S.rest]`.
 */
export const told = definePart({
  name: 'told',
  numbers: ['values'],
  shared: { rest: 'rest' },
  reads: `
if values > 0 then
  S.told, S.rest = {}, rest + 3 * values
  for i = rest, S.rest - 1, 3 do
    local id = ARGV[i]
    S.told[id] = S.told[id] or {}
    S.told[id][ARGV[i + 1]] = ARGV[i + 2]
  end
end
`,
});
