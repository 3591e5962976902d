import { STATS_UNITS } from '../../../queue-stats.interface.js';
import { STATS } from '../../keys.js';
import { HOUR, LAST_MINUTE, MINUTE, RUN, WAIT } from '../../stats-fields.js';
import { definePart } from '../part.js';

const { minute, hour } = STATS_UNITS;
const [KEPT_AS_MINUTE, KEPT_AS_HOUR] = [minute, hour].map(({ length, keptFor }) => (length + keptFor) / 1000) as [
  number,
  number,
];

/**
 * Adds what a poll has settled to the counters of its minute. A poll that arrives again adds nothing, and neither does a refused
 * settlement: the client has added up all of them, and the script takes the refused ones back.
 *
 * The first poll of a minute adds the last minute in which something was counted to its hour. Until then that minute is kept as long
 * as an hour. This costs half of what two counters for each count would cost.
 *
 * A key of another type cannot fail the poll: it is left alone.
 *
 * `counted`: fields and what to add to them, as JSON text; empty to count nothing.
 * `completedCodes`, `otherCodes`: three characters for each settlement, in the order of the completed ones and of the other ones:
 * its kind, the bucket of its run, the bucket of its wait. Three characters alone stand for each of them.
 */
export const stats = definePart({
  name: 'stats',
  keys: ['ready'],
  args: ['counted', 'completedCodes', 'otherCodes'],
  on: {
    refused: `
local codes = isCompleted and completedCodes or otherCodes
if #codes > 3 then codes = string.sub(codes, 3 * index - 2, 3 * index) end
S.refusedCodes = (S.refusedCodes or '') .. codes
`,
  },
  body: `
if counted ~= '' then
  local added, current = cjson.decode(counted), math.floor(now / ${minute.length})
  local prefix = ready .. '${STATS}'
  local key, told = prefix .. '${MINUTE}' .. current
  for i = #added - 1, 1, -2 do told = redis.pcall('HINCRBY', key, added[i], added[i + 1]) end
  if S.refusedCodes then
    local kinds = { ['0'] = 'completed', ['1'] = 'failed', ['2'] = 'retried' }
    for kind, run, wait in string.gmatch(S.refusedCodes, '(.)(.)(.)') do
      if kinds[kind] then redis.pcall('HINCRBY', key, kinds[kind], '-1') end
      if run ~= '0' then redis.pcall('HINCRBY', key, '${RUN}' .. string.byte(run) - 48, '-1') end
      if wait ~= '0' then redis.pcall('HINCRBY', key, '${WAIT}' .. string.byte(wait) - 48, '-1') end
    end
  end
  -- A new counter may be that of a new minute.
  if told == tonumber(added[2]) then
    redis.pcall('EXPIRE', key, ${KEPT_AS_HOUR})
    local last = redis.pcall('GET', prefix .. '${LAST_MINUTE}')
    local lastMinute = type(last) == 'string' and tonumber(last)
    if lastMinute and lastMinute ~= current then
      local lastKey = prefix .. '${MINUTE}' .. last
      local hourKey = prefix .. '${HOUR}' .. math.floor(lastMinute * ${minute.length} / ${hour.length})
      local counters = redis.pcall('HGETALL', lastKey)
      for i = 1, #counters, 2 do redis.pcall('HINCRBY', hourKey, counters[i], counters[i + 1]) end
      redis.pcall('EXPIRE', hourKey, ${KEPT_AS_HOUR})
      redis.pcall('EXPIRE', lastKey, ${KEPT_AS_MINUTE})
    end
    redis.pcall('SET', prefix .. '${LAST_MINUTE}', current, 'EX', ${KEPT_AS_HOUR})
  end
end
`,
});
