import { retryScript } from '../../../lib/drivers/redis/scripts/retry.script.js';
import { compileScript } from '../../../lib/drivers/redis/scripts/script.js';
import { percentile } from '../report/statistics.js';
import type { Subject } from '../subject/subject.js';
import { timesOfScript } from '../server/slowlog.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples, rateOf } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const OPTIONS = { bytes: BYTES, retention: '24h', batch: BATCH, concurrency: 100 } as const;
/** The number of jobs that one script puts back. */
const SLICE = 100;
/** The server logs calls that take at least this long, in microseconds. */
const THRESHOLD = 20;

/** Measures how fast an operator puts all failed jobs back, and how long that blocks the server. */
export const retry: Measurement = {
  name: 'retry',
  systems: ['ours'],
  async run(bench) {
    const { server, effort } = bench;
    const count = effort.failedJobs;
    const run = (subject: Subject) => subject.run('retryFailed', { ...OPTIONS, count });
    const timings = await inTurn(bench, effort.rounds, run);
    await server.empty();
    await server.startSlowlog(THRESHOLD);
    for (const subject of bench.subjects) await run(subject);
    const { sha } = compileScript(retryScript);
    const times = timesOfScript(await server.slowlog(), sha, count / SLICE, THRESHOLD).map((time) => time / 1000);
    const title = `put back ${count.toLocaleString('en-US')} failed jobs`;
    return [
      { id: 'retry.all', title, unit: 'jobs/s', values: mapSamples(timings, rateOf) },
      {
        id: 'retry.script',
        title: `${title}: script, p99`,
        unit: 'ms',
        values: { ours: [percentile(times, 99)] },
        most: Math.max(...times),
      },
    ];
  },
};
