import { definePart } from '../part.js';
import { NO_NOTES } from './notes.part.js';
import { list } from '../reply.js';
import { TOLD } from './told.part.js';

const KEEP = `
local values = {}
for i = 1, #ids do
  local text = S.told[ids[i]]['${TOLD.checkpoint}']
  if text then
    values[#values + 1] = ids[i]
    values[#values + 1] = text
  end
end
if #values > 0 then redis.call('HSET', checkpoints, unpack(values)) end
`;

const FORGET = `
if S.hasNotes then redis.call('HDEL', checkpoints, unpack(ids)) end
`;

/** Keeps the last checkpoint of each live job, and hands it out with the job. */
export const checkpoint = definePart({
  name: 'checkpoint',
  unused: NO_NOTES,
  keys: ['checkpoints'],
  shared: { checkpoints: '{}' },
  reads: `
if S.hasNotes or S.told then redis.call('HLEN', checkpoints) end
`,
  on: {
    noted: KEEP,
    ended: FORGET,
    dangling: FORGET,
    answering: `
if S.hasNotes and #S.ids > 0 then S.checkpoints = redis.call('HMGET', checkpoints, unpack(S.ids)) end
`,
  },
  reply: { checkpoints: list<string | null>('S.checkpoints') },
});

/** Takes the checkpoint of a note. */
export const noteCheckpoint = definePart({
  name: 'note checkpoint',
  keys: ['checkpoints'],
  reads: `
redis.call('HLEN', checkpoints)
`,
  on: { noted: KEEP },
});

/** Forgets the checkpoints of dropped jobs. It needs the part `drop notes` before it. */
export const dropCheckpoint = definePart({
  name: 'drop checkpoint',
  keys: ['checkpoints'],
  reads: `
redis.call('HLEN', checkpoints)
`,
  on: { dropped: FORGET },
});
