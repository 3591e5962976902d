import type { Redis } from 'ioredis';

/** The key from which scripts read the time. */
export const CLOCK_KEY = 'test:clock';

/** Shortens every expiry: expiries follow the real clock of the server, which does not advance with the fake one. */
const PASS = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, math.max(left - ARGV[1], 0)) end
end
redis.call('SET', KEYS[1], ARGV[2])`;

/** Lua that reads the time from the key, in milliseconds, for the option `scriptTime` of a driver. It may have a fraction. */
export const SCRIPT_TIME = `local exactly = tonumber(redis.call('GET', '${CLOCK_KEY}') or 0)
local now = math.floor(exactly)
local time = { math.floor(now / 1000), math.floor((exactly - math.floor(now / 1000) * 1000) * 1000 + 0.5) }`;

/** Sets the clock and leaves expiries alone, as an administrator who sets the clock of a machine. */
export async function setClock(client: Pick<Redis, 'set'>, now: number): Promise<void> {
  await client.set(CLOCK_KEY, now);
}

/** Advances the clock to `now`, and every expiry by `milliseconds`. */
export async function passTime(client: Redis, milliseconds: number, now: number): Promise<void> {
  await client.eval(PASS, 1, CLOCK_KEY, milliseconds, now);
}
