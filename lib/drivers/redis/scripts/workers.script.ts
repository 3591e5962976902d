import { defineScript } from './script.js';

/** The most workers that one script removes, or reads. */
const MOST = 500;

/**
 * Notes a sign of life of a worker, and removes workers whose time is over.
 *
 * `workers`: worker -> ms when its time is over. `signs`: worker -> ms of its last sign (13 digits), and what it says.
 * Reply: 1.
 */
export const tellWorkerScript = defineScript({
  name: 'tell-worker',
  keys: ['workers', 'signs'],
  args: ['id', 'text', 'keep'],
  numbers: ['keep'],
  flags: ['allow-oom'],
  body: `
redis.call('HLEN', signs)
local gone = redis.call('ZRANGE', workers, '-inf', now, 'BYSCORE', 'LIMIT', 0, ${MOST})
if #gone > 0 then
  redis.call('ZREM', workers, unpack(gone))
  redis.call('HDEL', signs, unpack(gone))
end
redis.call('ZADD', workers, now + keep, id)
redis.call('HSET', signs, id, string.format('%013.0f', now) .. text)
if redis.call('PTTL', workers) < keep then redis.call('PEXPIRE', workers, keep) end
if redis.call('PTTL', signs) < keep then redis.call('PEXPIRE', signs, keep) end
return 1
`,
});

/** Forgets a worker. Reply: 1. */
export const forgetWorkerScript = defineScript({
  name: 'forget-worker',
  keys: ['workers', 'signs'],
  args: ['id'],
  flags: ['allow-oom'],
  body: `
redis.call('HLEN', signs)
redis.call('ZREM', workers, id)
redis.call('HDEL', signs, id)
return 1
`,
});

/** Reads workers whose time is not over, from number `skip` on. Reply: workers and their signs, in turn. */
export const readWorkersScript = defineScript({
  name: 'read-workers',
  keys: ['workers', 'signs'],
  args: ['skip'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local ids = redis.call('ZRANGE', workers, '(' .. now, '+inf', 'BYSCORE', 'LIMIT', skip, ${MOST})
if #ids == 0 then return {} end
local texts, reply = redis.call('HMGET', signs, unpack(ids)), {}
for i = 1, #ids do
  reply[2 * i - 1] = ids[i]
  reply[2 * i] = texts[i] or ''
end
return reply
`,
});
