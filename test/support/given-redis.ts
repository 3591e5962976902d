import { Redis } from 'ioredis';
import type { RedisAddress } from './shared-redis.js';

/** The database of the first jest worker if the URL names none. */
const FIRST_DATABASE = 12;
const OWN_KEY = /^(?:(?:queue|job|worker):|queues$)/;

/**
 * Picks a database of the server in REDIS_URL for this jest worker: the first worker gets the database in the URL, or 12;
 * each further worker gets the next one. The tests empty it before each test.
 *
 * @throws Error if the URL names no database and the picked one has keys of another application
 */
export async function givenRedis(redisUrl: string): Promise<RedisAddress> {
  const url = new URL(redisUrl);
  const named = /^\/(\d+)$/.exec(url.pathname)?.[1];
  const database = Number(named ?? FIRST_DATABASE) + Number(process.env['JEST_WORKER_ID'] ?? 1) - 1;
  url.pathname = `/${database}`;
  if (named === undefined) await refuseIfInUse(url.href, database);
  return {
    host: url.hostname,
    port: Number(url.port || 6379),
    database,
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    url: url.href,
  };
}

async function refuseIfInUse(url: string, database: number): Promise<void> {
  const client = new Redis(url);
  try {
    const foreign = (await client.keys('*')).find((key) => !OWN_KEY.test(key));
    if (foreign === undefined) return;
    throw new Error(
      `Database ${database} of REDIS_URL is in use (it has a key "${foreign}"). ` +
        'Name one that the tests may empty: REDIS_URL=redis://host:port/8',
    );
  } finally {
    client.disconnect();
  }
}
