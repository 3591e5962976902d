/** A command in the slow log. */
export interface SlowCommand {
  readonly microseconds: number;
  /** The command and its first arguments. */
  readonly args: readonly string[];
}

/** Parses the reply to `SLOWLOG GET`. */
export function parseSlowlog(reply: unknown): SlowCommand[] {
  return (reply as [id: number, time: number, microseconds: number, args: string[]][]).map((entry) => ({
    microseconds: Number(entry[2]),
    args: entry[3],
  }));
}

/**
 * Returns the times of the calls of a script, in microseconds. A call below `threshold` is not in the log, and counts with
 * the threshold.
 *
 * @param sha the hash of the script
 * @param calls the least number of calls
 */
export function timesOfScript(log: readonly SlowCommand[], sha: string, calls: number, threshold: number): number[] {
  const times = log
    .filter(({ args }) => args[0]?.toLowerCase() === 'evalsha' && args[1] === sha)
    .map(({ microseconds }) => microseconds);
  return [...times, ...Array.from({ length: Math.max(calls - times.length, 0) }, () => threshold)];
}

/** The commands of the benchmark itself. */
const OF_BENCHMARK = new Set(['flushall', 'config', 'info', 'slowlog']);

/** Returns true if a queue system sent the command, and not the benchmark. */
export function isOfQueue({ args }: Pick<SlowCommand, 'args'>): boolean {
  return !OF_BENCHMARK.has(args[0]?.toLowerCase() ?? '');
}

/** Describes a command by its name and its time. Names a script if its hash is known. */
export function describeCommand(
  { microseconds, args: [name = '', hash = ''] }: SlowCommand,
  names: ReadonlyMap<string, string>,
): string {
  const script = name.toLowerCase() === 'evalsha' ? ` ${names.get(hash) ?? hash}` : '';
  return `${name}${script}, ${(microseconds / 1000).toFixed(1)} ms`;
}
