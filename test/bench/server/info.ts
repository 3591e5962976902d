/** Calls and microseconds by command. */
export type CommandStats = Readonly<Record<string, { readonly calls: number; readonly microseconds: number }>>;

/** The lines of an `INFO` reply. */
export function parseInfo(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).map((line) => /^([^#:][^:]*):(.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((line) => (line ? [[line[1]!, line[2]!]] : [])));
}

/** The lines of `INFO commandstats`; subcommands such as `config|set` count as their command's. */
export function parseCommandStats(text: string): CommandStats {
  const stats: Record<string, { calls: number; microseconds: number }> = {};
  for (const [key, value] of Object.entries(parseInfo(text))) {
    const command = /^cmdstat_([^|]+)/.exec(key)?.[1];
    if (!command) continue;
    const entry = (stats[command] ??= { calls: 0, microseconds: 0 });
    entry.calls += Number(/calls=(\d+)/.exec(value)?.[1] ?? 0);
    entry.microseconds += Number(/usec=(\d+)/.exec(value)?.[1] ?? 0);
  }
  return stats;
}

const SCRIPTS = ['eval', 'evalsha', 'fcall'];
/** What systems whose work is done by scripts send beside them: no script can call it, so it is counted once. */
const BESIDE_SCRIPTS = ['bzpopmin', 'bzpopmax', 'blpop', 'brpop', 'brpoplpush', 'blmove', 'blmpop', 'xread', 'multi'];
/** What the benchmark itself sends, what is sent once a connection, and what repeats the time of what it contains. */
const NOT_OF_JOBS = new Set(['info', 'config', 'flushall', 'hello', 'client', 'auth', 'select', 'ping', 'exec']);

/**
 * The time the server spent on commands, in microseconds. The statistics count a command that a script calls twice: as
 * itself and within the script. Where there are scripts, they and what cannot be called by one are the whole.
 */
export function timeInCommands(stats: CommandStats): number {
  const names = Object.keys(stats);
  const counted = names.some((name) => SCRIPTS.includes(name))
    ? [...SCRIPTS, ...BESIDE_SCRIPTS]
    : names.filter((name) => !NOT_OF_JOBS.has(name));
  return counted.reduce((sum, name) => sum + (stats[name]?.microseconds ?? 0), 0);
}
