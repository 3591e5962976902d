import { bigText, bigTextOrZero, statusText } from '../fragments.js';
import { rarely } from '../helpers.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { list } from '../reply.js';

/**
 * Claims at most `limit` jobs, first in, first out, and gives each job a fencing token. Drops an id without a record,
 * and reports it in the reply as a dangling id.
 */
export const claim = definePart({
  name: 'claim',
  keys: ['ready', 'jobs', 'attempts', 'claimed', 'meta'],
  numbers: ['limit'],
  shared: { danglingIds: '{}' },
  meta: { fence: 'number' },
  keeps: { fence: 'S.fenceText' },
  body: `
S.fence = S.fence or 0
S.limit = limit
${hook('mayClaim')}
local taken = {}
${hook('source')}
if S.limit > #taken and S.depth > 0 then
  local popped = redis.call('LPOP', ready, S.limit - #taken)
  S.depth = S.depth - #popped
  ${hook('popped', `'ready'`, 'popped')}
  if #taken > 0 then
    for i = 1, #popped do taken[#taken + 1] = popped[i] end
  else
    taken = popped
  end
end
${hook('lastSource')}
local ids, records, danglingIds = taken, S.records, S.danglingIds
if #ids > 0 then
  records = redis.call('HMGET', jobs, unpack(ids))
  local found, kept = #ids, 0
  for i = 1, found do
    if records[i] then
      kept = kept + 1
      if kept < i then ids[kept], records[kept] = ids[i], records[i] end
    else
      danglingIds[#danglingIds + 1] = ids[i]
    end
  end
  for i = found, kept + 1, -1 do ids[i], records[i] = nil, nil end
  ${hook('admit', 'ids', 'records')}
end
if #danglingIds > 0 then
  -- No settlement will come for them: their attempts must not stay for ever.
  if S.hasAttempts then redis.call('HDEL', attempts, unpack(danglingIds)) end
  for i = 1, #danglingIds do redis.call('EXPIRE', statusPrefix .. danglingIds[i], statusTtl, 'NX') end
  ${hook('dangling', 'danglingIds')}
end
if #ids > 0 then
  -- Fences follow the clock, in case a server has forgotten the last fences: at most a thousand a millisecond, or they
  -- would run ahead of it.
  S.fence = math.max(S.fence + #ids, now * 1000)
  S.first = S.fence - #ids + 1
  -- Redis takes long to write a large number. All these have the same first digits, or the next number with its own.
  local high, low, holds = (S.first - S.first % 10000) / 10000, S.first % 10000 - 1, {}
  local digits = ${bigText('high')}
  for i = 1, #ids do
    low = low + 1
    if low == 10000 then digits, low = ${bigText('(high + 1)')}, 0 end
    holds[2 * i - 1] = ids[i]
    holds[2 * i] = string.format('%s%04d', digits, low)
  end
  if #ids > 16 then
    -- A long value makes the key a hash table, and it stays a hash table: in a listpack each look-up is a search.
    redis.call('HSET', claimed, '~', string.rep('~', 65), unpack(holds))
    redis.call('HDEL', claimed, '~')
  else
    redis.call('HSET', claimed, unpack(holds))
  end
  S.firstText, S.fenceText = holds[2], holds[2 * #ids]
  if S.hasAttempts then
    ${rarely('S.attemptTexts = attemptTexts(ids)')}
  end
  if keeps then
    if S.hasAttempts or S.hasIds or S.hasNotes then
      ${rarely(`
      for i = 1, #ids do setStatus(ids[i], 'processing', tonumber(string.match(S.attemptTexts[i] or '', '^%d+') or 0) + 1) end
`)}
    else
      local text = ${statusText(`'processing'`, '1')} .. '}'
      local statuses = {}
      for i = 1, #ids do
        statuses[2 * i - 1] = statusPrefix .. ids[i]
        statuses[2 * i] = text
      end
      redis.call('MSET', unpack(statuses))
    end
  end
  S.ids, S.records = ids, records
  ${hook('claimed', 'ids')}
else
  S.fenceText = ${bigTextOrZero('S.fence')}
end
`,
  reply: { danglingIds: list('S.danglingIds') },
});
