import type { StorageFinding } from '../queue-doctor.interface.js';

/** From this part of its memory on a server is nearly full. */
const NEARLY_FULL = 0.9;
/** From this part of the memory of its machine on a server without a limit is in danger. */
const NEARLY_ALL = 0.8;

/** Reads the fields of a reply to `INFO`. */
export function readInfo(info: string): ReadonlyMap<string, string> {
  return new Map([...info.matchAll(/^([a-z_]\w*):(.*?)\r?$/gim)].map(([, key, value]) => [key!, value!]));
}

type Info = ReadonlyMap<string, string>;
const [ok, note, warning, unknown] = (['ok', 'note', 'warning', 'unknown'] as const).map(
  (level) =>
    (subject: StorageFinding['subject'], message: string): StorageFinding => ({ subject, level, message }),
) as [Find, Find, Find, Find];
type Find = (subject: StorageFinding['subject'], message: string) => StorageFinding;

export function versionOf(info: Info): StorageFinding {
  const valkey = info.get('valkey_version');
  const redis = info.get('redis_version');
  if (valkey === undefined && redis === undefined) return unknown('version', 'the server does not tell its version');
  const mode = info.get('redis_mode') ?? info.get('server_mode') ?? 'standalone';
  return ok('version', `${valkey === undefined ? `Redis ${redis}` : `Valkey ${valkey}`}, ${mode}`);
}

export function evictionOf(info: Info): StorageFinding {
  const policy = info.get('maxmemory_policy');
  if (!policy) return unknown('eviction', 'the server does not tell its maxmemory-policy');
  if (policy === 'noeviction') return ok('eviction', 'maxmemory-policy noeviction: a full server refuses pushes');
  const lost = policy.startsWith('volatile-') ? 'statuses' : 'jobs';
  return warning(
    'eviction',
    `has the maxmemory-policy "${policy}": if its memory is full it drops ${lost} without a word. Set "noeviction"`,
  );
}

/** @param save the setting `save`; `undefined` if the server does not tell it */
export function persistenceOf(info: Info, save: string | undefined): StorageFinding {
  const subject = 'persistence';
  const aof = info.get('aof_enabled');
  if (aof === undefined) return unknown(subject, 'the server does not tell how it stores its data');
  if (aof === '1') {
    if (info.get('aof_last_write_status') === 'err') {
      return warning(subject, 'cannot write its append-only file: it refuses pushes until it can');
    }
    return ok(subject, 'appendonly yes: a restart keeps the jobs');
  }
  if (info.get('rdb_last_bgsave_status') === 'err') {
    return warning(subject, 'could not write its last snapshot: it may refuse pushes, and a restart loses jobs');
  }
  if (save === undefined) return unknown(subject, 'appendonly no; the server does not tell whether it makes snapshots');
  if (save === '') {
    return warning(subject, 'stores nothing on its disk: a restart loses all jobs. Set "appendonly yes"');
  }
  return note(
    subject,
    'appendonly no, snapshots alone: a crash loses the jobs since the last one. Set "appendonly yes"',
  );
}

export function memoryOf(info: Info): StorageFinding {
  const subject = 'memory';
  const [used, limit, machine] = ['used_memory', 'maxmemory', 'total_system_memory'].map((key) =>
    Number(info.get(key)),
  );
  if (!used) return unknown(subject, 'the server does not tell how much memory it uses');
  if (limit) {
    const text = `${megabytes(used)} of its maxmemory of ${megabytes(limit)} (${percent(used / limit)})`;
    if (used / limit < NEARLY_FULL) return ok(subject, `${text} are in use`);
    return warning(subject, `uses ${text}: when it is full it refuses pushes`);
  }
  if (!machine) return note(subject, `${megabytes(used)} are in use, without a maxmemory`);
  const text = `${megabytes(used)} of the ${megabytes(machine)} of its machine (${percent(used / machine)})`;
  if (used / machine < NEARLY_ALL) return note(subject, `${text} are in use, without a maxmemory`);
  return warning(subject, `uses ${text} and has no maxmemory: the system may kill it`);
}

/**
 * @param user the name of the user; `undefined` if the server does not tell it
 * @param refused the commands that the user may not run; `undefined` if the server does not tell
 */
export function rightsOf(user: string | undefined, refused: readonly string[] | undefined): StorageFinding {
  const subject = 'rights';
  if (user === undefined || refused === undefined) {
    return unknown(subject, 'the user of this connection may not ask for its rights (ACL WHOAMI, ACL DRYRUN)');
  }
  if (refused.length === 0) return ok(subject, `the user ${user} may do all that the library needs`);
  const some = refused.slice(0, 8).join(', ') + (refused.length > 8 ? `, and ${refused.length - 8} more` : '');
  return warning(subject, `refuses to its user ${user} what the library needs: ${some}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MB`;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
