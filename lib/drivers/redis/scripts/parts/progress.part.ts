import { PROGRESS_IN_STATUS } from '../fragments.js';
import { definePart } from '../part.js';
import { NO_NOTES } from './notes.part.js';
import { TOLD } from './told.part.js';

const KEEP = `
local values = {}
for i = 1, #ids do
  local text = S.told[ids[i]]['${TOLD.progress}']
  if text then
    values[#values + 1] = ids[i]
    values[#values + 1] = text
  end
end
if #values > 0 then redis.call('HSET', progress, unpack(values)) end
`;

const FORGET = `
if S.hasNotes then redis.call('HDEL', progress, unpack(ids)) end
`;

/**
 * The progress of live jobs, as JSON text. It is the last field of each status that is written, so an ended job tells its last
 * progress as long as its status is kept.
 */
export const tellProgress = definePart({
  name: 'tell progress',
  unused: NO_NOTES,
  keys: ['progress'],
  reads: `
if S.hasNotes or S.told then redis.call('HLEN', progress) end
`,
  on: {
    statusEnd: `
local known = S.hasNotes and redis.call('HGET', progress, id)
if known then text = text .. '${PROGRESS_IN_STATUS}' .. known end
`,
  },
});

/** Keeps the progress that jobs tell, and forgets that of jobs that have ended. */
export const progress = definePart({
  name: 'progress',
  unused: NO_NOTES,
  keys: ['progress'],
  on: {
    noted: KEEP,
    ended: FORGET,
    dangling: FORGET,
  },
});

/** Forgets the progress of dropped jobs. It needs the part `drop notes` before it. */
export const dropProgress = definePart({
  name: 'drop progress',
  keys: ['progress'],
  reads: `
redis.call('HLEN', progress)
`,
  on: { dropped: FORGET },
});

/** Takes the progress of a note, and writes it into the kept status, which else stays as it is. */
export const noteProgress = definePart({
  name: 'note progress',
  keys: ['progress', 'status'],
  reads: `
redis.call('HLEN', progress)
`,
  on: {
    noted: `
${KEEP}
local known = #values > 0 and redis.pcall('GET', status)
if type(known) == 'string' then
  local at = string.find(known, '${PROGRESS_IN_STATUS}', 1, true) or #known
  redis.call('SET', status, string.sub(known, 1, at - 1) .. '${PROGRESS_IN_STATUS}' .. values[2] .. '}', 'KEEPTTL')
end
`,
  },
});
