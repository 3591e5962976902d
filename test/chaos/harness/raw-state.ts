import { type Cluster, Redis } from 'ioredis';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';

/** The keys of one queue in Redis at one moment. */
export interface RawState {
  readonly queue: string;
  /** The prefix of its keys. */
  readonly base: string;
  readonly ready: readonly string[];
  readonly recovered: readonly string[];
  /** The ids of the delayed jobs. */
  readonly delayed: readonly string[];
  /** The ids of the records of jobs that have not ended. */
  readonly records: readonly string[];
  /** The ids of the jobs with an entry in `:attempts`. */
  readonly hasAttempts: readonly string[];
  /** All consumers, with or without jobs. */
  readonly consumers: readonly string[];
  /** The ids that each consumer holds. */
  readonly claimed: Readonly<Record<string, readonly string[]>>;
  /** Every key with its time to live in milliseconds; -1 for a key that never expires. */
  readonly keys: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, RawStatus>>;
}

export interface RawStatus {
  readonly status: string;
  readonly attempt: number;
  /** Milliseconds; -1 for a status that never expires. */
  readonly ttl: number;
}

const SNAPSHOT = `
local base, out = KEYS[1], {}
local function of(kind, key, command, ...)
  if redis.call('TYPE', key).ok ~= kind then return {} end
  return redis.call(command, key, ...)
end
local keys = redis.call('KEYS', base .. '*')
local ttls, claimed = {}, {}
for i = 1, #keys do
  ttls[i] = redis.call('PTTL', keys[i])
  local consumer = string.match(keys[i], ':claimed:(.+)$')
  if consumer then claimed[#claimed + 1] = { consumer, of('hash', keys[i], 'HKEYS') } end
end
local ended, live = {}, {}
for _, id in ipairs(of('zset', base .. ':failed', 'ZRANGE', 0, -1)) do ended[id] = true end
for _, element in ipairs(of('list', base .. ':completed', 'LRANGE', 0, -1)) do ended[string.sub(element, 31)] = true end
for _, id in ipairs(of('hash', base .. ':jobs', 'HKEYS')) do if not ended[id] then live[#live + 1] = id end end
return {
  of('list', base, 'LRANGE', 0, -1),
  of('list', base .. ':recovered', 'LRANGE', 0, -1),
  of('zset', base .. ':delayed', 'ZRANGE', 0, -1),
  live,
  of('hash', base .. ':attempts', 'HKEYS'),
  of('zset', base .. ':consumers', 'ZRANGE', 0, -1),
  claimed, keys, ttls,
}`;

/** Reads the keys of a queue in one script. Reads the statuses afterwards, in several commands. */
export async function readRawState(client: Redis | Cluster, queue: string): Promise<RawState> {
  const keyNames = new RedisKeys(client.isCluster).of(queue);
  const [ready, recovered, delayed, records, hasAttempts, consumers, claimed, keys, ttls] = (await client.eval(
    SNAPSHOT,
    1,
    keyNames.ready,
  )) as [string[], string[], string[], string[], string[], string[], [string, string[]][], string[], number[]];
  return {
    queue,
    base: keyNames.ready,
    ready,
    recovered,
    delayed,
    records,
    hasAttempts,
    consumers,
    claimed: Object.fromEntries(claimed),
    keys: Object.fromEntries(keys.map((key, i) => [key, ttls[i]!])),
    statuses: await readStatuses(client, keyNames.statusPrefix),
  };
}

async function readStatuses(client: Redis | Cluster, prefix: string): Promise<Record<string, RawStatus>> {
  const nodes = client instanceof Redis ? [client] : client.nodes('master');
  const found = await Promise.all(nodes.map((node) => readStatusesOf(node, prefix)));
  return Object.assign({}, ...found) as Record<string, RawStatus>;
}

async function readStatusesOf(client: Redis, prefix: string): Promise<Record<string, RawStatus>> {
  const statuses: Record<string, RawStatus> = {};
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    cursor = next;
    const texts = keys.length > 0 ? await client.mget(keys) : [];
    const ttls = await Promise.all(keys.map((key) => client.pttl(key)));
    for (const [i, key] of keys.entries()) {
      const text = texts[i];
      if (!text) continue;
      const { status, attempt } = JSON.parse(text) as { status: string; attempt: number };
      statuses[key.slice(prefix.length)] = { status, attempt, ttl: ttls[i]! };
    }
  } while (cursor !== '0');
  return statuses;
}
