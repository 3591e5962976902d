import { listTotalScript } from '../../../lib/drivers/redis/scripts/list-total.script.js';
import { listTurnsScript } from '../../../lib/drivers/redis/scripts/list-turns.script.js';
import { compileScript } from '../../../lib/drivers/redis/scripts/script.js';
import type { Result } from '../report/result.js';
import { timeInCommands } from '../server/info.js';
import { describeCommand } from '../server/slowlog.js';
import type { PageRequest } from '../systems/system.interface.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, type Samples } from './rounds.js';
import { BYTES, fill } from './workload.js';

/** The limit for any command of a queue, in microseconds. */
const SLOW = 10_000;
/** The most rounds: the time of the server differs little from round to round. */
const MOST_ROUNDS = 5;
const OPTIONS = { bytes: BYTES, retention: '24h' } as const;

/** The names of the scripts by their hashes. */
const SCRIPT_NAMES = new Map(
  [listTurnsScript, listTotalScript].map((script) => [compileScript(script).sha, script.name]),
);

interface PageCase {
  readonly id: string;
  readonly title: string;
  readonly page: PageRequest;
  readonly walks?: boolean;
}

const CASES: readonly PageCase[] = [
  { id: 'oldest', title: 'page of 50, the oldest', page: { limit: 50 } },
  { id: 'newest', title: 'page of 50, the newest', page: { limit: 50, order: 'newest' } },
  { id: 'offset', title: 'page of 50 behind 10,000', page: { limit: 50, offset: 10_000 } },
  { id: 'walk', title: 'page of 500, from cursor to cursor', page: { limit: 500 }, walks: true },
  { id: 'search', title: 'search that finds nothing', page: { limit: 50, search: 'nothing' }, walks: true },
];

/** Measures the time that a page of a list of waiting jobs takes the server. */
export const lists: Measurement = {
  name: 'lists',
  systems: ['ours'],
  async run(bench) {
    const { server, effort } = bench;
    const { pages, depths } = effort;
    const waiting = depths.ours ?? depths.both;
    await server.empty();
    for (const subject of bench.subjects) await fill(subject, waiting, OPTIONS.retention);
    await server.startSlowlog(SLOW);
    const samples: Samples<readonly number[]> = await inTurn(
      bench,
      Math.min(effort.rounds, MOST_ROUNDS),
      async (subject) => {
        const times: number[] = [];
        for (const { page, walks = false } of CASES) {
          await server.resetCommandStats();
          await subject.run('listPages', { ...OPTIONS, pages, page, walks });
          times.push(timeInCommands(await server.commandStats()) / pages / 1000);
        }
        return times;
      },
      true,
    );
    // The log has the commands inside a script, too.
    const slow = (await server.slowlog()).filter(({ args }) => args[0]?.toLowerCase() === 'evalsha');
    for (const command of slow) console.error(`slow: ${describeCommand(command, SCRIPT_NAMES)}`);
    const among = `of ${waiting.toLocaleString('en-US')} waiting jobs`;
    return [
      ...CASES.map(({ id, title }, i): Result => ({
        id: `lists.${id}`,
        title: `${title}, ${among}: server time`,
        unit: 'ms',
        values: { ours: samples.ours?.map((times) => times[i]!) ?? [] },
      })),
      {
        id: 'lists.slow',
        title: `commands over ${SLOW / 1000} ms while lists ${among} are read`,
        unit: 'entries',
        values: { ours: [slow.length] },
      },
    ];
  },
};
