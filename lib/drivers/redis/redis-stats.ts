import { readAttempts } from './poll-codec.js';
import {
  MOST_READY,
  STATS_UNITS,
  type QueueLook,
  type QueueStats,
  type ReadyJob,
  type StatsPeriod,
  type StatsUnit,
} from '../queue-stats.interface.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { lookScript } from './scripts/look.script.js';
import { statsScript } from './scripts/stats.script.js';
import { HOUR, MINUTE, readCounters } from './stats-fields.js';

/** The most periods that one script reads: Redis serves no other client meanwhile. */
const PAGE = 240;

/** Reads the statistics that the polls wrote. */
export class RedisStats implements QueueStats {
  constructor(private readonly toolkit: RedisToolkit) {}

  async read(queue: string, unit: StatsUnit, from: number, to: number): Promise<StatsPeriod[]> {
    const { length, keptFor } = STATS_UNITS[unit];
    const end = Math.ceil(to / length);
    // Counters that have expired need no command.
    const most = Math.ceil(keptFor / length) + 1;
    const first = Math.max(Math.ceil(from / length), end - most);
    const periods: StatsPeriod[] = [];
    for (let at = first; at < end; at += PAGE) {
      periods.push(...(await this.readPage(queue, unit, at, Math.min(PAGE, end - at))));
    }
    return periods;
  }

  async look(queue: string): Promise<QueueLook> {
    const { keys, commands } = this.toolkit;
    const input = { keys: keys.of(queue), args: { most: MOST_READY } };
    const [now, ...rest] = (await commands.run(lookScript, input, 'deadline', queue)) as [number, ...unknown[]];
    const ready: ReadyJob[] = [];
    for (let i = 0; i < rest.length; i += 3) {
      const [pushedAt, header, text] = rest.slice(i, i + 3) as [string, string, string];
      const { attempts = 0, crashes = 0, waitsSince } = readAttempts(text) ?? {};
      const isRetried = attempts + crashes > 0;
      ready.push({ pushedAt: Number(pushedAt.slice(0, 13)), header, isRetried, waitsSince });
    }
    return { now, ready };
  }

  private async readPage(queue: string, unit: StatsUnit, first: number, count: number): Promise<StatsPeriod[]> {
    const { keys, commands } = this.toolkit;
    const own = keys.of(queue);
    const input = {
      keys: own,
      args: { statsPrefix: own.statsPrefix, unit: unit === 'hour' ? HOUR : MINUTE, first, count },
    };
    const reply = (await commands.run(statsScript, input, 'deadline', queue)) as [number, string[]][];
    return reply.map(([number, fields]) => ({
      start: number * STATS_UNITS[unit].length,
      counters: readCounters(fields),
    }));
  }
}
