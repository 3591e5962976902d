/** A command that took as long as the server was told to remember. */
export interface SlowCommand {
  readonly microseconds: number;
  /** The command and its first arguments. */
  readonly args: readonly string[];
}

/** The reply of `SLOWLOG GET`. */
export function parseSlowlog(reply: unknown): SlowCommand[] {
  return (reply as [id: number, time: number, microseconds: number, args: string[]][]).map((entry) => ({
    microseconds: Number(entry[2]),
    args: entry[3],
  }));
}

/**
 * The times of the calls of a script, in microseconds. A call that was quicker than `threshold` is not in the log, and
 * counts as that.
 *
 * @param sha the hash that the script is called by
 * @param calls how many calls there were at least
 */
export function timesOfScript(log: readonly SlowCommand[], sha: string, calls: number, threshold: number): number[] {
  const times = log
    .filter(({ args }) => args[0]?.toLowerCase() === 'evalsha' && args[1] === sha)
    .map(({ microseconds }) => microseconds);
  return [...times, ...Array.from({ length: Math.max(calls - times.length, 0) }, () => threshold)];
}

/** What the benchmark itself sends. */
const OF_BENCHMARK = new Set(['flushall', 'config', 'info', 'slowlog']);

/** Whether a queue sent a command, and not the benchmark. */
export function isOfQueue({ args }: Pick<SlowCommand, 'args'>): boolean {
  return !OF_BENCHMARK.has(args[0]?.toLowerCase() ?? '');
}

/** What it was, and how long it took; scripts by their names, where the hash is known. */
export function describeCommand(
  { microseconds, args: [name = '', hash = ''] }: SlowCommand,
  names: ReadonlyMap<string, string>,
): string {
  const script = name.toLowerCase() === 'evalsha' ? ` ${names.get(hash) ?? hash}` : '';
  return `${name}${script}, ${(microseconds / 1000).toFixed(1)} ms`;
}
