import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Redis, type RedisOptions } from 'ioredis';
import { closeClient } from './close-client.js';
import { givenRedis } from './given-redis.js';
import { type RedisAddress, sharedRedis } from './shared-redis.js';

/** How long the start of a server may take, in milliseconds: the first run may have to download it. */
const START_MS = 120_000;

export interface UsedRedis extends RedisAddress {
  /** A client to read the keys of the library. */
  readonly client: Redis;
  /** Connects another client, which is closed after the last test of the file. */
  connect(options?: RedisOptions): Redis;
}

/**
 * Gives the tests of a file (or of a `describe`) a Redis server, and empties it before each test. The result can be used
 * from `beforeEach` on. A test that stops, configures or fills a server starts its own (see `startRedis`).
 */
export function useRedis(): UsedRedis {
  const url = process.env['REDIS_URL'];
  const clients: Redis[] = [];
  let address: RedisAddress | undefined;
  let client: Redis | undefined;

  const started = (): RedisAddress => {
    if (!address) throw new Error('The server of useRedis() can only be used in tests and their hooks');
    return address;
  };
  const connect = (options: RedisOptions = {}): Redis => {
    const connection = new Redis(started().url, options);
    clients.push(connection);
    return connection;
  };

  beforeAll(async () => {
    address = url ? await givenRedis(url) : await sharedRedis();
    client = connect();
  }, START_MS);
  beforeEach(async () => {
    await (url ? client!.flushdb() : client!.flushall());
  });
  afterAll(async () => {
    if (url) await client?.flushdb();
    for (const connection of clients) closeClient(connection);
  });

  return {
    get host() {
      return started().host;
    },
    get port() {
      return started().port;
    },
    get database() {
      return started().database;
    },
    get username() {
      return started().username;
    },
    get password() {
      return started().password;
    },
    get url() {
      return started().url;
    },
    get client() {
      started();
      return client!;
    },
    connect,
  };
}
