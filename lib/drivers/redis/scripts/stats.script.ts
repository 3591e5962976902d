import { STATS_UNITS } from '../../queue-stats.interface.js';
import { HOUR, LAST_MINUTE, MINUTE } from '../stats-fields.js';
import { defineScript } from './script.js';

const MINUTES_IN_AN_HOUR = STATS_UNITS.hour.length / STATS_UNITS.minute.length;

/**
 * Reads the counters of `count` minutes or hours from number `first` on. To the hour of the last minute, that minute is added.
 *
 * `ready`: leads to the node of a cluster.
 * Reply: number, and fields and values in turn, of each period that has any.
 */
export const statsScript = defineScript({
  name: 'stats',
  keys: ['ready'],
  args: ['statsPrefix', 'unit', 'first', 'count'],
  numbers: ['first', 'count'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local reply = {}
local last = unit == '${HOUR}' and tonumber(redis.call('GET', statsPrefix .. '${LAST_MINUTE}') or nil)
local lastHour = last and math.floor(last / ${MINUTES_IN_AN_HOUR})
for number = first, first + count - 1 do
  local fields = redis.call('HGETALL', statsPrefix .. unit .. number)
  if number == lastHour then
    for _, each in ipairs(redis.call('HGETALL', statsPrefix .. '${MINUTE}' .. last)) do fields[#fields + 1] = each end
  end
  if #fields > 0 then reply[#reply + 1] = { number, fields } end
end
return reply`,
});
