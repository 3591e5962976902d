import { rarely } from '../helpers.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/** The most delayed jobs that one poll makes ready, and the most groups that it lets go on. */
export const PROMOTED = 200;

/** Promotes due jobs to ready jobs. */
export const promote = definePart({
  name: 'promote',
  keys: ['delayed', 'ready'],
  reads: `
S.head = redis.call('ZRANGE', delayed, '0', '0', 'WITHSCORES')
`,
  body: `
local head = S.head or redis.call('ZRANGE', delayed, '0', '0', 'WITHSCORES')
if head[2] and tonumber(head[2]) * 1000 <= now + 0.5 then
  ${rarely(`
  local due = redis.call('ZRANGE', delayed, '-inf', string.format('%.4f', (now + 0.5) / 1000), 'BYSCORE', 'LIMIT', 0, ${PROMOTED})
  if #due > 0 then
    if S.placesEach then
      ${hook('dueSoon', 'due')}
      for i = 1, #due do
        local _, crashes = attemptsOf(due[i])
        enqueue('RPUSH', due[i], crashes)
      end
    else
      redis.call('RPUSH', ready, unpack(due))
      S.depth = S.depth + #due
    end
    redis.call('ZREMRANGEBYRANK', delayed, 0, #due - 1)
    ${hook('promoted', 'due')}
  end
  head = redis.call('ZRANGE', delayed, '0', '0', 'WITHSCORES')
`)}
end
S.head = head
`,
  on: {
    due: `
if S.head[2] then due = math.min(due, tonumber(S.head[2]) * 1000) end
`,
  },
});
