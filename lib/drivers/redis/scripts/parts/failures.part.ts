import { WORKER_LOST } from '../../../../job/job-status.js';
import { MAX_FAILURES } from '../../../queue-retention.interface.js';
import { definePart } from '../part.js';

const FORGET = `
if S.hasFailures then redis.call('HDEL', failures, unpack(ids)) end
`;

/**
 * Keeps the last failures of jobs, with their stacks: the newest one first, each on a line of its own.
 *
 *     ATTEMPT ENDED_AT TOOK WORKER<tab>["error","stack"]
 *
 * Times are milliseconds. A failure with the same text as the newer one in front of it has no text of its own: most jobs
 * fail in the same way again and again. The failures of a job are forgotten together with its record, by `forgetFailures`.
 */
export const failures = definePart({
  name: 'failures',
  keys: ['failures'],
  helpers: `
-- \`details\`: \`TOOK WORKER STACK\`, the stack as JSON text; empty if the caller tells nothing.
local function addFailure(id, attempt, errorText, details)
  local head, stack = string.match(details or '', '^(%d+ %S+) (.*)$')
  local text = '[' .. errorText .. ',' .. (stack or '""') .. ']'
  local line = string.format('%d %.0f %s\\t', attempt, now, head or '0 -') .. text
  local older = S.hasFailures and redis.call('HGET', failures, id)
  if older then
    local tab = string.find(older, '\\t', 1, true) or 0
    local first = string.find(older, '\\n', tab + 1, true) or #older + 1
    local isSame = string.sub(older, tab + 1, first - 1) == text
    if isSame then older = string.sub(older, 1, tab) .. string.sub(older, first) end
    local last = 0
    for _ = 2, ${MAX_FAILURES} do
      last = string.find(older, '\\n', last + 1, true)
      if not last then break end
    end
    line = line .. '\\n' .. (last and string.sub(older, 1, last - 1) or older)
  end
  redis.call('HSET', failures, id, line)
  S.hasFailures = true
end
`,
  on: {
    attemptFailed: `
addFailure(id, attempt, errorText, details)
`,
    dangling: FORGET,
  },
});

/** Keeps the loss of a worker as a failure of each job that it held. The consumer stands for the worker. */
export const lossesAsFailures = definePart({
  name: 'losses as failures',
  on: {
    recovered: `
for i = 1, #ids do addFailure(ids[i], attemptsOf(ids[i]) + 1, '${JSON.stringify(WORKER_LOST)}', '0 ' .. lost .. ' ""') end
`,
  },
});

/** Forgets the failures of jobs whose records were removed. */
export const forgetFailures = definePart({
  name: 'forget failures',
  keys: ['failures'],
  reads: `
S.hasFailures = redis.call('HLEN', failures) > 0
`,
  on: { forgotten: FORGET },
});

/** Forgets the failures of dropped jobs. */
export const dropFailures = definePart({
  name: 'drop failures',
  keys: ['failures'],
  reads: `
S.hasFailures = redis.call('HLEN', failures) > 0
`,
  on: { dropped: FORGET },
});
