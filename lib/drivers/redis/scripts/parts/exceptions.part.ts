import { definePart } from '../part.js';

/**
 * Tells the jobs of a push that are not simply added: conflicts and duplicates. It is the first part of a push whose jobs have facts behind
 * their records: see the part `take ids`.
 */
export const exceptions = definePart({
  name: 'exceptions',
  shared: { conflicts: '{}', duplicates: '{}' },
  reads: `
S.stride = 4
`,
  helpers: `
-- Of the job that is looked at: whether the application gave its id, its name and its ticket, and the queue of the ended job whose id it takes.
local isGiven, name, ticket, holder = false, nil, nil, nil
-- Notes for the reply that a job is there already. \`i\`: where the values of the new job begin.
local function noteDuplicate(i, id)
  S.duplicates[#S.duplicates + 1] = (i - rest - answered) / S.stride
  S.duplicates[#S.duplicates + 1] = id
end
`,
});

/** Notes the conflicts and duplicates, and tells them to a push that arrives again. It stands behind the part `store`. */
export const noteExceptions = definePart({
  name: 'note exceptions',
  keys: ['producer'],
  args: ['call'],
  body: `
if #S.conflicts + #S.duplicates > 0 then
  redis.call('HSET', producer, call, cjson.encode({ S.conflicts, S.duplicates }))
end
`,
  on: {
    repeated: `
local told = redis.call('HGET', producer, call)
if told and told ~= '' then return cjson.decode(told) end
`,
  },
});
