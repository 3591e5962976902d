/** Calls and microseconds by command. */
export type CommandStats = Readonly<Record<string, { readonly calls: number; readonly microseconds: number }>>;

/** Parses the lines of an `INFO` reply. */
export function parseInfo(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).map((line) => /^([^#:][^:]*):(.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((line) => (line ? [[line[1]!, line[2]!]] : [])));
}

/** Parses the reply to `INFO commandstats`. Subcommands such as `config|set` count for their command. */
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
/** Commands that systems with scripts send beside them. No script can call these, so they count once. */
const BESIDE_SCRIPTS = ['bzpopmin', 'bzpopmax', 'blpop', 'brpop', 'brpoplpush', 'blmove', 'blmpop', 'xread', 'multi'];
/** Commands of the benchmark, commands that a connection sends once, and EXEC, whose time contains that of other commands. */
const NOT_OF_JOBS = new Set(['info', 'config', 'flushall', 'hello', 'client', 'auth', 'select', 'ping', 'exec']);

/**
 * Returns the time that the server spent on commands, in microseconds. The statistics count a command of a script twice: by
 * itself and within the script. So for systems with scripts, only the scripts and the commands that no script can call
 * count.
 */
export function timeInCommands(stats: CommandStats): number {
  const names = Object.keys(stats);
  const counted = names.some((name) => SCRIPTS.includes(name))
    ? [...SCRIPTS, ...BESIDE_SCRIPTS]
    : names.filter((name) => !NOT_OF_JOBS.has(name));
  return counted.reduce((sum, name) => sum + (stats[name]?.microseconds ?? 0), 0);
}
