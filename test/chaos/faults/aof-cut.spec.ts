import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { closeClient } from '../../support/close-client.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { copyAof, cutAof, findAof, fixAof, PLAIN_AOF } from '../../support/redis-aof.js';
import { makeDir, startServer } from '../../support/redis-server.js';
import { everyRecordHasOnePlace, noKeyStaysForever, queueIsDrained } from '../checks/storage.js';
import { buildTimeline } from '../checks/timeline.js';
import { Chaos } from '../harness/chaos.js';
import { InProcessWorker } from '../harness/in-process-worker.js';
import { Rounds } from '../harness/rounds.js';
import { readRawState } from '../harness/raw-state.js';
import { record } from '../harness/record.js';
import { sized } from '../harness/size.js';
import { History, type ChaosEvent } from '../process/history.js';
import { FlakyJob, QuickJob, SlowJob } from '../process/jobs.js';
import { countLiveJobs } from '../../support/live-jobs.js';

/** The number of servers that run at the same time. */
const PARALLEL = 4;

/** The outcome of one cut. */
interface Outcome {
  readonly wrong: readonly string[];
  /** Acknowledged pushes that the cut removed. */
  readonly gone: number;
  readonly worked: number;
}

describe('an append-only file that is cut at a random byte', () => {
  const chaos = new Chaos();

  it('restores an earlier state of the queue without damage, and workers run its jobs', async () => {
    const { cuts, rounds } = sized({ short: { cuts: 4, rounds: 25 }, long: { cuts: 40, rounds: 150 } });
    await chaos.begin({ config: PLAIN_AOF, worker: { lease: 1 }, queue: { jobs: { retryDelay: 0.1 } } });
    await chaos.worker();
    const load = Rounds.start(
      async (round) => {
        await chaos.producer.pushMany(QuickJob, [1, 2, 3]);
        await chaos.producer.push(FlakyJob, round % 3);
        await chaos.producer.push(SlowJob, 20 + (round % 200));
        await chaos.producer.push(QuickJob, round, { delay: (round % 10) / 10 });
      },
      { rounds },
    );
    await load.ended();
    const dir = chaos.redis.dir;
    chaos.redis.kill('SIGKILL');
    await Promise.all(chaos.processes.map((worker) => worker.kill()));
    const pushed = [...buildTimeline(await chaos.histories()).pushes.keys()];
    const { size } = await findAof(dir);

    const bytes = Array.from({ length: cuts }, () => randomInt(size));
    const outcomes: Outcome[] = [];
    for (let i = 0; i < cuts; i += PARALLEL) {
      const trials = bytes.slice(i, i + PARALLEL).map((at, j) => tryCut(dir, at, pushed, (i + j) % 2 === 0));
      outcomes.push(...(await Promise.all(trials)));
    }
    expect(outcomes.flatMap(({ wrong }) => wrong).slice(0, 20)).toEqual([]);
    const worked = outcomes.reduce((sum, outcome) => sum + outcome.worked, 0);
    const gone = outcomes.reduce((sum, outcome) => sum + outcome.gone, 0);
    expect(worked).toBeGreaterThan(0);
    expect(gone).toBeGreaterThan(0);
    record({
      fault: 'an append-only file cut at a random byte',
      jobs: pushed.length,
      lost: 0,
      runs: worked,
      extra: 0,
      held: 0,
      refused: 0,
      also: { cuts, bytes: size, 'pushes cut off, of all cuts': gone, 'worked after that': worked },
    });
  });
});

/**
 * Cuts a copy of the file, starts a server on it, and runs its jobs.
 *
 * @param repaired true to repair the file with `redis-check-aof`, false to let the server do it when it starts
 */
async function tryCut(from: string, at: number, pushed: readonly string[], repaired: boolean): Promise<Outcome> {
  const dir = await makeDir();
  await copyAof(from, dir);
  await cutAof(dir, at);
  if (repaired) await fixAof(dir);
  const port = await freePort();
  const truncated = ['--aof-load-truncated', repaired ? 'no' : 'yes'];
  const server = await startServer(port, dir, ['--port', `${port}`, '--bind', '127.0.0.1', ...PLAIN_AOF, ...truncated]);
  const client = new Redis(server.url);
  const path = join(dir, 'history.jsonl');
  const history = new History(path);
  let worker: InProcessWorker | undefined;
  try {
    const before = await readRawState(client, 'default');
    const wrong = everyRecordHasOnePlace(before);
    const isKnown = (id: string): boolean => before.records.includes(id) || before.statuses[id] !== undefined;
    const kept = pushed.filter(isKnown);
    // Jobs were pushed one after the other: if one is gone, all later ones have to be gone too.
    if (kept.some((id, i) => id !== pushed[i])) wrong.push('a push is gone, but a later push is not');

    const redis = { host: server.host, port };
    const options = { driver: 'redis', redis, worker: { lease: 1 }, jobs: { retryDelay: 0.1 } } as const;
    worker = await InProcessWorker.start(history, options);
    await eventually(async () => (await countLiveJobs(client)) === 0, { timeout: 50_000, interval: 50 });
    await worker.drain();
    const after = await readRawState(client, 'default');
    wrong.push(...everyRecordHasOnePlace(after), ...queueIsDrained(after), ...noKeyStaysForever(after));
    const events = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    const { runs } = buildTimeline({ worker: events.map((line) => JSON.parse(line) as ChaosEvent) });
    for (const id of before.records) {
      if (!runs.has(id)) wrong.push(`${id} was stored and never started`);
      if (after.statuses[id]?.status !== 'completed') wrong.push(`${id} ended as ${after.statuses[id]?.status}`);
    }
    for (const [id, ofJob] of runs) {
      if (!before.records.includes(id)) wrong.push(`${id} was started and not stored`);
      const attempts = ofJob.flatMap(({ attempt, startedAt }) => startedAt.map(() => attempt));
      if (new Set(attempts).size < attempts.length) wrong.push(`${id} was started twice in one attempt`);
    }
    return { wrong: wrong.map((each) => `byte ${at}: ${each}`), gone: pushed.length - kept.length, worked: runs.size };
  } finally {
    await worker?.drain();
    history.close();
    closeClient(client);
    await server.stop();
  }
}
