import { rarely } from '../helpers.js';
import { definePart } from '../part.js';

/** The most consumers whose claimed jobs one script counts. */
const LOOKED_AT = 16;

/**
 * Lets the keys of consumers expire, for the case that all workers of a queue are killed, and none ever comes to clean
 * up. The time is a day, and at least four leases. A heartbeat begins it anew, and so does every fiftieth poll.
 *
 * Claimed jobs never expire, and neither does the way to them, the list `consumers`, as long as a consumer holds a job:
 * the list gets its time to live when a look at all consumers finds no claimed job, and each claim takes it away. With
 * many consumers there is no look: some of them live on, and clean up.
 */
const KEPT_FOR = `math.max(86400, math.ceil(lease / 250))`;
const EXPIRE_CONSUMERS = `
local function expireConsumers(keptFor)
  if redis.call('TTL', consumers) >= keptFor / 2 then return end
  local all = redis.call('ZRANGE', consumers, 0, ${LOOKED_AT})
  if #all > ${LOOKED_AT} then return end
  for i = 1, #all do
    local held = redis.pcall('HLEN', claimedPrefix .. all[i])
    -- A key of another type holds no job.
    if type(held) == 'number' and held > 0 then return end
  end
  redis.call('EXPIRE', consumers, keptFor)
end
`;

/** Takes and gives the times to live at the end of a poll. */
export const expireAfterPoll = definePart({
  name: 'expire after a poll',
  keys: ['consumers', 'claimed', 'polls'],
  args: ['claimedPrefix'],
  numbers: ['lease', 'number'],
  helpers: EXPIRE_CONSUMERS,
  body: `
if S.last == 0 or number % 50 == 0 then redis.call('EXPIRE', polls, ${KEPT_FOR}) end
if #S.ids == 0 and redis.call('HLEN', claimed) == 0 then
  ${rarely(`expireConsumers(${KEPT_FOR})`)}
end
`,
  on: {
    lost: `
if S.held > 0 then redis.call('PERSIST', consumers) end
`,
    // While it held a job, nobody gave the list a time to live.
    claimed: `
if S.held == 0 then redis.call('PERSIST', consumers) end
`,
  },
});

/** Gives the times to live with a heartbeat. */
export const expireAfterHeartbeat = definePart({
  name: 'expire after a heartbeat',
  keys: ['consumers', 'polls'],
  args: ['claimedPrefix'],
  numbers: ['lease'],
  helpers: EXPIRE_CONSUMERS,
  body: `
local keptFor = ${KEPT_FOR}
redis.call('EXPIRE', polls, keptFor)
expireConsumers(keptFor)
`,
});
