import type { Redis } from 'ioredis';

/** Where scripts read the time. */
export const CLOCK_KEY = 'test:clock';

/** Expiries follow the server's own clock: they are brought nearer by as much. */
const PASS = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, math.max(left - ARGV[1], 0)) end
end
redis.call('SET', KEYS[1], ARGV[2])`;

/** The clock of scripts that read the time from a key, for the option `scriptTime` of a driver. */
export const SCRIPT_TIME = `local now = tonumber(redis.call('GET', '${CLOCK_KEY}'))`;

/** Sets the clock alone, as an administrator would. */
export async function setClock(client: Pick<Redis, 'set'>, now: number): Promise<void> {
  await client.set(CLOCK_KEY, now);
}

/** Lets so many milliseconds pass, until it is `now`, for the clock and for every key that expires. */
export async function passTime(client: Redis, milliseconds: number, now: number): Promise<void> {
  await client.eval(PASS, 1, CLOCK_KEY, milliseconds, now);
}
