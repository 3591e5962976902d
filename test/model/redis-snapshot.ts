import { GROUP, LEVEL, type QueueKeys, type RedisKeys } from '../../lib/drivers/redis/keys.js';
import { readCompleted, readFailures } from '../../lib/drivers/redis/kept-codec.js';
import { readLogs } from '../../lib/drivers/redis/log-codec.js';
import { countsScript } from '../../lib/drivers/redis/scripts/counts.script.js';
import { defineScript } from '../../lib/drivers/redis/scripts/script.js';
import { HOUR, LAST_MINUTE, MINUTE, readCounters } from '../../lib/drivers/redis/stats-fields.js';
import type { StoredStatus } from '../../lib/drivers/queue-driver.interface.js';
import type { JobState } from '../../lib/job/job-status.js';
import { CLOCK_KEY } from '../support/redis-clock.js';
import { pairs, readGroups, withoutStale } from './redis-groups.js';
import {
  OTHER,
  QUEUE,
  type Claim,
  type ConsumerSnapshot,
  type EndedSnapshot,
  type FailureSnapshot,
  type RecordSnapshot,
  type Snapshot,
  type StoredSnapshot,
} from './subject.interface.js';

/**
 * Reads all keys, and the counts of the script of the driver, in one go. Reply: key, type, milliseconds left and
 * content of each key; the counts.
 */
export const SNAPSHOT = defineScript({
  name: 'snapshot',
  keys: countsScript.keys,
  args: countsScript.args,
  flags: ['no-writes'],
  body: `
local function counts()
${countsScript.body}
end
local dump = {}
for i, key in ipairs(redis.call('KEYS', '*')) do
  local kind = redis.call('TYPE', key).ok
  local content
  if kind == 'list' then content = redis.call('LRANGE', key, 0, -1)
  elseif kind == 'zset' then content = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif kind == 'hash' then content = redis.call('HGETALL', key)
  elseif kind == 'set' then content = redis.call('SMEMBERS', key)
  else content = redis.call('GET', key) end
  dump[i] = { key, kind, redis.call('PTTL', key), content }
end
return { dump, counts() }`,
});

type Entry = readonly [key: string, kind: string, left: number, content: string[] | string];
type Counts = readonly [ready: number, delayed: number, reserved: number, failed: number, now: number, blocked: number];
type Stored = Omit<Snapshot, 'told'>;

/**
 * Reads the queue from its keys, and lists every key and every entry that it cannot explain.
 *
 * @param now the time in ms
 * @param ttl for so many ms ended jobs are kept that have no time of their own
 */
export function readSnapshot(reply: unknown, allKeys: RedisKeys, now: number, ttl: number): Stored {
  const [dump, [countedReady, delayed, reserved, countedFailed, , blocked]] = reply as [Entry[], Counts];
  const keys = allKeys.of(QUEUE);
  const byKey = new Map(dump.map((entry) => [entry[0], entry]));
  const leftOvers: string[] = [];
  const take = (key: string, kind: string): string[] => {
    const entry = byKey.get(key);
    if (!entry) return [];
    byKey.delete(key);
    if (entry[1] !== kind) leftOvers.push(`${key} is a ${entry[1]}`);
    return Array.isArray(entry[3]) ? entry[3] : [entry[3]];
  };
  for (const key of [CLOCK_KEY, allKeys.queues]) byKey.delete(key);
  const other = allKeys.of(OTHER);
  const elsewhereRecords = new Map(pairs(take(other.jobs, 'hash')));
  const inOther = readGroups(take, other, { ids: [], traits: new Map() }, leftOvers);
  const elsewhereIds = [
    ...readUngrouped(take, other, leftOvers),
    ...inOther.ring.flatMap((name) => inOther.groups.find(([group]) => group === name)?.[1] ?? []),
  ];
  const elsewhere = elsewhereIds.map((id) => {
    const { body, pushedAt } = readRecord(elsewhereRecords.get(id) ?? '');
    return { id, body, pushedAt };
  });
  const elsewhereTraits = pairs(take(other.traits, 'hash')).map(([id]) => id);
  for (const id of elsewhereTraits)
    if (!elsewhereRecords.has(id)) leftOvers.push(`the traits of ${id} in the other queue`);
  for (const { id } of elsewhere) elsewhereRecords.delete(id);
  for (const id of elsewhereRecords.keys()) leftOvers.push(`the record of ${id} in the other queue`);
  for (const key of [other.moving, other.moves, other.failed]) if (byKey.has(key)) leftOvers.push(key);
  for (const key of byKey.keys()) {
    if (key.startsWith(`${other.ready}:`) || key.startsWith(keys.movedPrefix)) byKey.delete(key);
  }
  const isForgettable = (key: string): boolean =>
    [keys.producerPrefix, keys.callPrefix].some((each) => key.startsWith(each));
  for (const key of byKey.keys()) if (isForgettable(key)) byKey.delete(key);

  const ttls = [keys.jobs, keys.failed, keys.completedIds, keys.failures, keys.logs].map((key) => byKey.get(key)?.[2]);
  const attemptsOfIds = new Map(pairs(take(keys.attempts, 'hash')));
  const progressOfIds = new Map(pairs(take(keys.progress, 'hash')));
  const records = new Map(
    pairs(take(keys.jobs, 'hash')).map(([id, text]) => [
      id,
      readRecord(text, attemptsOfIds.get(id), progressOfIds.get(id)),
    ]),
  );
  const checkpoints = pairs(take(keys.checkpoints, 'hash')).map(([id]) => id);
  const notes = pairs(take(keys.notes, 'hash')).map(([id]) => id);
  for (const id of notes) if (!records.has(id)) leftOvers.push(`the notes of ${id}`);
  for (const id of checkpoints) if (!notes.includes(id)) leftOvers.push(`the checkpoint of ${id}`);
  for (const id of progressOfIds.keys()) if (!notes.includes(id)) leftOvers.push(`the progress of ${id}`);
  const failuresOfIds = new Map(pairs(take(keys.failures, 'hash')).map(([id, text]) => [id, toFailures(text)]));
  for (const id of failuresOfIds.keys()) if (!records.has(id)) leftOvers.push(`the failures of ${id}`);
  const logsOfIds = new Map(pairs(take(keys.logs, 'hash')).map(([id, text]) => [id, readLogs(text)]));
  const hasLogs = logsOfIds.size > 0;
  const traits = take(keys.traits, 'hash');
  for (const [id] of pairs(traits)) if (!records.has(id)) leftOvers.push(`the traits of ${id}`);
  for (const id of logsOfIds.keys()) if (!records.has(id)) leftOvers.push(`the log of ${id}`);
  const ends = new Map(pairs(take(keys.expiry, 'zset')).map(([id, at]) => [id, Math.round(Number(at) * 1000)]));
  const ownTimes = take(keys.ownTime, 'zset');
  const ended = (entries: readonly (readonly [id: string, endedAt: number])[]): EndedSnapshot[] => {
    const isOver = (id: string, endedAt: number): boolean => (ends.get(id) ?? endedAt + ttl) <= now;
    const kept = entries.map(([id, endedAt]) => {
      const record = records.get(id);
      if (!record) leftOvers.push(`${id} has ended, and has no record`);
      records.delete(id);
      return { id, body: record?.body ?? '', endedAt };
    });
    for (const { id, endedAt } of kept) {
      if (!isOver(id, endedAt)) continue;
      failuresOfIds.delete(id);
      logsOfIds.delete(id);
    }
    return kept.filter(({ id, endedAt }) => !isOver(id, endedAt));
  };
  const completed = ended(
    take(keys.completedIds, 'list')
      .map(readCompleted)
      .map(({ id, endedAt }) => [id, endedAt]),
  );
  const failed = pairs(take(keys.failed, 'zset'));
  const ofOwnTime = failed.filter(([id]) => ends.has(id));
  if (ofOwnTime.length < ends.size) leftOvers.push('an expiry of a job that has not failed');
  if (ofOwnTime.join() !== pairs(ownTimes).join())
    leftOvers.push('jobs with a time of their own that are not listed as such');
  const failedJobs = ended(failed.map(([id, at]) => [id, Math.round(Number(at) * 1000)] as const));
  leftOvers.push(...misjudgedTtls(ttls, records.size));
  for (const id of attemptsOfIds.keys()) if (!records.has(id)) leftOvers.push(`the attempts of ${id}`);
  for (const [id, owner] of pairs(take(keys.givenIds, 'hash'))) {
    const isElsewhere = owner.startsWith(`${OTHER} `) && elsewhere.some((job) => job.id === id);
    if (!isElsewhere && (!records.has(id) || !owner.startsWith(`${QUEUE} `)))
      leftOvers.push(`the id ${id}, of ${owner}`);
  }
  const consumers = new Map<string, ConsumerSnapshot>();
  const isMortal = (byKey.get(keys.consumers)?.[2] ?? -1) > 0;
  for (const [consumer, expiresAt] of pairs(take(keys.consumers, 'zset'))) {
    const claims = pairs(take(keys.claimedPrefix + consumer, 'hash')).map(([id, fence]) => ({
      id,
      fence: Number(fence),
    }));
    if (isMortal && claims.length > 0) leftOvers.push(`the list of consumers expires, and ${consumer} holds jobs`);
    consumers.set(consumer, { expiresAt: Number(expiresAt), claims: claims.sort(byFence) });
    if (take(keys.pollsPrefix + consumer, 'hash').length === 0) leftOvers.push(`${consumer}, without polls`);
  }
  const stored = new Map<string, StoredSnapshot>();
  for (const [key, kind, left, content] of byKey.values()) {
    if (!key.startsWith(keys.statusPrefix) || kind !== 'string') continue;
    stored.set(key.slice(keys.statusPrefix.length), { status: readStatus(content as string), left });
    byKey.delete(key);
  }
  const { owners, throttles } = readKeys(byKey, keys, records, leftOvers);
  const counted = countedBy(keys.statsPrefix, byKey, leftOvers);
  const limitsStay = byKey.get(keys.limits)?.[2] === -1;
  const areSet = new Map(pairs(take(keys.limits, 'hash'))).has('set');
  if (limitsStay !== areSet) leftOvers.push(`limits that ${areSet ? 'expire' : 'stay for ever'}`);
  const starts = [...byKey.keys()].filter((key) => key === keys.starts || key.startsWith(keys.starts + GROUP));
  leftOvers.push(...starts.filter((key) => byKey.get(key)?.[2] === -1));
  for (const key of starts) take(key, 'list');
  take(keys.windows, 'zset');
  const meta = new Map(pairs(take(keys.meta, 'hash')));
  if (notes.length > 0 && meta.size > 0 && meta.get('notes') !== '1') leftOvers.push('notes that nobody looks for');
  const isRanked = (text: string): boolean => /^\np-?\d+$/.test(text);
  const hasOthers = pairs(traits).some(([, text]) => !isRanked(text));
  const looksFor = meta.get('traits');
  if (traits.length > 0 && meta.size > 0 && looksFor !== '1' && (hasOthers || looksFor !== 'p'))
    leftOvers.push('traits that nobody looks for');
  if (hasLogs && meta.size > 0 && meta.get('logs') !== '1') leftOvers.push('logs that nobody looks for');
  const heldUntil = Number(meta.get('heldUntil') ?? 0);
  const claims = [...consumers.values()].flatMap((each) => each.claims.map(({ id }) => id));
  const claimed = { ids: claims, traits: new Map(pairs(traits)) };
  const { ring, groups, blocked: countedBlocked } = readGroups(take, keys, claimed, leftOvers);
  // If the queue lets no job start, all its ready jobs are blocked.
  if (countedReady === 0 ? blocked < countedBlocked : blocked !== countedBlocked)
    leftOvers.push(`${blocked} blocked jobs, as the driver counts, not ${countedBlocked}`);
  const snapshot: Stored = {
    ring,
    groups,
    heldUntil: heldUntil > now ? heldUntil : 0,
    ready: readUngrouped(take, keys, leftOvers),
    recovered: withoutStale(take(keys.recovered, 'list'), pairs(take(keys.goneRecovered, 'hash')), leftOvers),
    delayed: pairs(take(keys.delayed, 'zset')).map(([id, due]) => [id, Math.round(Number(due) * 1000)] as const),
    consumers,
    records,
    completed,
    failed: failedJobs,
    failures: failuresOfIds,
    logs: logsOfIds,
    counts: { ready: countedReady, blocked, delayed, reserved, failed: countedFailed },
    signalled: take(keys.marker, 'zset').length > 0,
    cancelled: new Map(
      pairs(take(keys.cancelled, 'hash')).map(([id, text]) => [
        id,
        text === '' ? undefined : (JSON.parse(text) as string),
      ]),
    ),
    keys: owners,
    debounce: new Map(
      pairs(take(keys.debounce, 'hash')).map(([key, text]) => {
        const [id, first] = text.split(' ');
        return [key, { id: id!, first: Number(first) }];
      }),
    ),
    throttles,
    stored,
    silence: { seen: Number(meta.get('seen') ?? 0), graceEnd: Number(meta.get('grace') ?? 0) },
    counted,
    elsewhere,
    leftOvers,
  };
  leftOvers.push(...byKey.keys());
  return snapshot;
}

/** Takes the ready jobs without a group, in the order of their priorities. */
function readUngrouped(take: (key: string, kind: string) => string[], keys: QueueKeys, leftOvers: string[]): string[] {
  const listOf = (list: string, gone: string): string[] =>
    withoutStale(take(list, 'list'), pairs(take(gone, 'hash')), leftOvers);
  const levels = pairs(take(keys.priority, 'zset')).map(([value, score]) => {
    if (Number(score) !== -Number(value)) leftOvers.push(`the score ${score} of the priority ${value}`);
    const ids = listOf(keys.ready + LEVEL + value, keys.gone + LEVEL + value);
    if (ids.length === 0) leftOvers.push(`the priority ${value} without jobs`);
    return [Number(value), ids] as const;
  });
  const all = [...levels, [0, listOf(keys.ready, keys.gone)] as const];
  return all.sort(([a], [b]) => b - a).flatMap(([, ids]) => ids);
}

/** Takes the keys of unique jobs. */
function readKeys(
  byKey: Map<string, Entry>,
  { unique, throttles: throttleKey }: QueueKeys,
  live: ReadonlyMap<string, unknown>,
  leftOvers: string[],
) {
  const owners = new Map(pairs((byKey.get(unique)?.[3] ?? []) as string[]));
  const ends = pairs((byKey.get(throttleKey)?.[3] ?? []) as string[]);
  const isMortal = (byKey.get(unique)?.[2] ?? -1) > 0;
  if (owners.size > 0 && isMortal !== (owners.size === 2 * ends.length)) leftOvers.push('keys that expire, or do not');
  byKey.delete(unique);
  byKey.delete(throttleKey);
  const throttles = new Map<string, { id: string; until: number }>();
  for (const [key, until] of ends) {
    const id = owners.get(key) ?? '';
    if (owners.get(`~${id}`) !== key) leftOvers.push(`the throttle of ${key} without its job`);
    throttles.set(key, { id, until: Number(until) });
    owners.delete(key);
    owners.delete(`~${id}`);
  }
  for (const [key, id] of owners) if (!live.has(id)) leftOvers.push(`the key ${key} of ${id}`);
  return { owners, throttles };
}

/** Takes the keys of the statistics. The last minute is not part of its hour yet. */
function countedBy(prefix: string, byKey: Map<string, Entry>, leftOvers: string[]): Snapshot['counted'] {
  const hours: string[] = [];
  const minutes: string[] = [];
  const last = `${prefix}${MINUTE}${byKey.get(prefix + LAST_MINUTE)?.[3] as string}`;
  for (const [key, , left, content] of byKey.values()) {
    if (!key.startsWith(prefix)) continue;
    byKey.delete(key);
    if (left < 0) leftOvers.push(`${key} does not expire`);
    if (!Array.isArray(content)) continue;
    if (key.startsWith(prefix + MINUTE)) minutes.push(...content);
    if (key.startsWith(prefix + HOUR) || key === last) hours.push(...content);
  }
  return { hours: readCounters(hours), minutes: readCounters(minutes) };
}

/** Lists what is wrong with the times to live of the records, and of the keys that list the records of ended jobs. */
function misjudgedTtls([records = -2, ...lists]: readonly (number | undefined)[], live: number): string[] {
  const wrong: string[] = [];
  if (live > 0 && records !== -1) wrong.push('the records expire, and a job lives');
  if (live === 0 && records === -1) wrong.push('the records stay for ever, and no job lives');
  for (const left of lists) {
    if (left !== undefined && (left === -1) !== (records === -1)) wrong.push('the records and a list of them part');
  }
  return wrong;
}

function toFailures(text: string): FailureSnapshot[] {
  return readFailures(text).map(({ attempt, endedAt, error }) => ({ attempt, endedAt, error }));
}

function readRecord(text: string, counters = '0:0:0', progress?: string): RecordSnapshot {
  const [attempts, crashes, unknownSince] = counters.split(':').map(Number) as [number, number, number];
  return {
    body: text.slice(13),
    pushedAt: Number(text.slice(0, 13)),
    attempts,
    crashes,
    unknownSince: unknownSince === 0 ? undefined : unknownSince,
    progress,
  };
}

function readStatus(text: string): StoredStatus {
  const { status, updated_at, progress, ...rest } = JSON.parse(text) as {
    status: JobState;
    updated_at: number;
    queue: string;
    attempt: number;
    error?: string;
    progress?: unknown;
  };
  const told = progress === undefined ? {} : { progress: JSON.stringify(progress) };
  return { state: status, updatedAt: updated_at * 1000, ...rest, ...told };
}

function byFence(a: Claim, b: Claim): number {
  return a.fence - b.fence;
}
