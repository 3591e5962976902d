import type { Result } from '../report/result.js';
import type { Use } from '../systems/system.interface.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples } from './rounds.js';
import { timePushAndWork } from './workload.js';

/** The same jobs in other groups than a thousand. */
const OTHERS = [
  { id: 'few', use: 'fewGroups', groups: '100 groups' },
  { id: 'many', use: 'manyGroups', groups: 'a group each' },
] as const satisfies readonly { readonly id: string; readonly use: Use; readonly groups: string }[];
/** Multiplies the time limit, because a round takes several seconds. */
const TIME_LIMIT_FACTOR = 3;
/** The jobs that warm up the process. */
const WARM_UP = 5_000;

/** Measures the time of a job in few and in very many groups, as a part of its time in a thousand groups. */
export const groupSizes: Measurement = {
  name: 'group-sizes',
  systems: ['ours'],
  async run(bench) {
    const { effort, server } = bench;
    const count = effort.dueJobs.ours;
    const longer = { ...bench, effort: { ...effort, timeLimit: effort.timeLimit * TIME_LIMIT_FACTOR } };
    for (const subject of bench.subjects) {
      for (const { use } of OTHERS) await timePushAndWork(subject, { count: WARM_UP, use, retention: 'none' });
    }
    const samples = await inTurn(longer, effort.rounds, async (subject) => {
      const seconds: number[] = [];
      for (const use of ['groups', ...OTHERS.map((other) => other.use)] as const) {
        await server.empty();
        seconds.push((await timePushAndWork(subject, { count, use, retention: 'none' })).seconds);
      }
      const [thousand, ...others] = seconds;
      return others.map((each) => each / thousand!);
    });
    return OTHERS.map(({ id, groups }, i): Result => {
      const title = `${count.toLocaleString('en-US')} jobs in ${groups}: time of a job, times that in 1,000 groups`;
      return { id: `group-sizes.${id}`, title, unit: 'part', values: mapSamples(samples, (parts) => parts[i]!) };
    });
  },
};
