import { definePart } from '../part.js';

/**
 * Reads some jobs that have not ended, in whatever place they are. A scan over the records meets each job that has one all the
 * time, however it moves from place to place; it may meet a job twice. It tells nothing of their data.
 *
 * `position`: of the scan; 0 at first. `pushedBy`: jobs that were pushed later are left out, in milliseconds; 0 for now.
 * `headers`: 1 to read the first lines of the records. It needs the part `ended` before it.
 * Reply: `pushedBy`; the position of the next page, 0 after the last one; for each job its id, and the first line of its record.
 */
export const livePage = definePart({
  name: 'live page',
  keys: ['jobs'],
  args: ['position', 'limit', 'headers'],
  numbers: ['pushedBy'],
  shared: { result: '{}' },
  body: `
local latest = pushedBy > 0 and pushedBy or now
local nextPosition, records = unpack(redis.call('HSCAN', jobs, position, 'COUNT', limit))
S.result = { string.format('%.0f', latest), nextPosition }
for i = 1, #records, 2 do
  local pushedAt, header = string.match(records[i + 1], '^(%d*)([^\\n]*)')
  if (tonumber(string.sub(pushedAt, 1, 13)) or 0) <= latest and not hasEnded(records[i]) then
    S.result[#S.result + 1] = records[i]
    S.result[#S.result + 1] = headers == '1' and header or ''
  end
end
`,
});
