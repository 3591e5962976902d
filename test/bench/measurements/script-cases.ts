import { setTimeout as pause } from 'node:timers/promises';
import type { ClaimedJob, Settlement } from 'nestjs-job-queue';
import { cancelScript } from '../../../lib/drivers/redis/scripts/cancel.script.js';
import { clearScript } from '../../../lib/drivers/redis/scripts/clear.script.js';
import { countsScript } from '../../../lib/drivers/redis/scripts/counts.script.js';
import { heartbeatScript } from '../../../lib/drivers/redis/scripts/heartbeat.script.js';
import { inspectScript } from '../../../lib/drivers/redis/scripts/inspect.script.js';
import { leaveScript } from '../../../lib/drivers/redis/scripts/leave.script.js';
import { livePageScript } from '../../../lib/drivers/redis/scripts/live-page.script.js';
import { processedScript } from '../../../lib/drivers/redis/scripts/processed.script.js';
import { pushScript } from '../../../lib/drivers/redis/scripts/push.script.js';
import type { ScriptDefinition } from '../../../lib/drivers/redis/scripts/script.js';
import { setStatusScript } from '../../../lib/drivers/redis/scripts/set-status.script.js';
import { pollScript } from '../../../lib/drivers/redis/scripts/poll.script.js';
import { wakeScript } from '../../../lib/drivers/redis/scripts/wake.script.js';
import { LEASE, settle, type ScriptStage } from './script-stage.js';

/** A script with as much to do as the library ever gives it. */
export interface ScriptCase {
  readonly id: string;
  readonly title: string;
  readonly script: ScriptDefinition;
  /** Prepares so many calls; what it returns makes one of them. */
  prepare(stage: ScriptStage, calls: number): Promise<() => Promise<unknown>>;
}

/** The most jobs of a push. */
const MOST = 500;
/** The most completed jobs that a worker settles with a poll, and the most that it claims. */
const MOST_POLLED = 300;
/** The most jobs that it settles in another way. */
const MOST_COSTLY = 125;
/** The most jobs that a poll promotes, and the most that it recovers from a lost consumer. */
const PROMOTED = 200;
const REAPED = 50;
/** The most jobs that a request cancels. */
const CANCELLED = 50;
/** The jobs of a page, while many jobs are cancelled. */
const PAGE = 100;
/** A list that is still searched for the jobs to cancel. */
const SEARCHED = 900;
/** Workers beside each other. */
const CONSUMERS = 100;
const ERROR = 'x'.repeat(1_000);
/** Milliseconds after which what was pushed with the shortest delay is due. */
const DUE = 5;

/** Each poll settles what the one before has claimed. */
async function preparePolls(
  stage: ScriptStage,
  end: (jobs: readonly ClaimedJob[]) => Settlement[],
  refill: () => Promise<unknown> = () => stage.push(MOST_POLLED),
): Promise<() => Promise<unknown>> {
  const consumer = stage.consume();
  await stage.push(MOST_POLLED);
  let { jobs } = await consumer.poll({ settlements: [], limit: MOST_POLLED, recovered: false });
  return async () => {
    await refill();
    const result = await consumer.poll({ settlements: end(jobs), limit: MOST_POLLED, recovered: false });
    if (result.jobs.length !== MOST_POLLED || result.refused.length > 0)
      throw new Error('the poll had less to do than it should');
    jobs = [...result.jobs];
  };
}

const completed = (jobs: readonly ClaimedJob[]): Settlement[] => settle(jobs, { kind: 'complete' });
const failed = (jobs: readonly ClaimedJob[]): Settlement[] => settle(jobs, { kind: 'fail', error: ERROR });
const retried = (jobs: readonly ClaimedJob[]): Settlement[] =>
  settle(jobs, { kind: 'retry', error: ERROR, delay: 3_600 });

/** Ends as many jobs in a costly way as one poll may, and completes the others. */
function mixed(jobs: readonly ClaimedJob[], costly: (jobs: readonly ClaimedJob[]) => Settlement[]): Settlement[] {
  return [...costly(jobs.slice(0, MOST_COSTLY)), ...completed(jobs.slice(MOST_COSTLY))];
}

const STEPS: readonly ScriptCase[] = [
  {
    id: 'poll',
    title: 'poll: completes 300, claims 300',
    script: pollScript,
    prepare: (stage) => preparePolls(stage, completed),
  },
  {
    id: 'poll.fail',
    title: 'poll: fails 125, completes 175, claims 300',
    script: pollScript,
    prepare: (stage) => preparePolls(stage, (jobs) => mixed(jobs, failed)),
  },
  {
    id: 'poll.retry',
    title: 'poll: retries 125, completes 175, claims 300',
    script: pollScript,
    prepare: (stage) => preparePolls(stage, (jobs) => mixed(jobs, retried)),
  },
  {
    id: 'poll.promote',
    title: 'poll: completes 300, promotes 200, claims 300',
    script: pollScript,
    prepare: (stage) =>
      preparePolls(stage, completed, async () => {
        await stage.push(MOST_POLLED - PROMOTED);
        await stage.push(PROMOTED, 0.001);
        await pause(DUE);
      }),
  },
  {
    id: 'poll.reap',
    title: 'poll: completes 300, recovers 50 jobs, claims 300',
    script: pollScript,
    prepare: async (stage, calls) => {
      const lost = await stage.makeConsumers(calls, REAPED);
      const poll = await preparePolls(stage, completed);
      for (const consumer of lost) await stage.client.zadd(stage.keys.consumers, 1, consumer);
      return async () => {
        await poll();
        lost.pop();
        const left = (await stage.client.zcard(stage.keys.consumers)) - 1;
        if (left !== lost.length) throw new Error(`${left} lost consumers are left, of ${lost.length}`);
      };
    },
  },
];

/** All scripts of the library. */
export const SCRIPT_CASES: readonly ScriptCase[] = [
  { id: 'push', title: 'push: 500', script: pushScript, prepare: async (stage) => () => stage.push(MOST) },
  {
    id: 'push.ids',
    title: 'push: 500, with ids of the application',
    script: pushScript,
    prepare: async (stage) => () => stage.push(MOST, 0, true),
  },
  ...STEPS,
  {
    id: 'clear',
    title: 'clear: 500 with a status',
    script: clearScript,
    prepare: async (stage) => async () => {
      await stage.push(MOST, 0, true);
      await stage.driver.clear(stage.queue);
    },
  },
  {
    id: 'cancel',
    title: 'cancel: 50 of 950, with 100 consumers',
    script: cancelScript,
    prepare: async (stage) => {
      await stage.makeConsumers(CONSUMERS, 1);
      const waiting: string[] = [];
      for (let i = 0; i < SEARCHED; i += CANCELLED) waiting.push(...(await stage.push(CANCELLED)).map(({ id }) => id));
      return async () => {
        waiting.push(...(await stage.push(CANCELLED)).map(({ id }) => id));
        const ids = waiting.splice(0, CANCELLED);
        const { ended } = await stage.driver.cancellations.cancelSome(stage.queue, ids, Number.MAX_SAFE_INTEGER);
        if (ended.length !== CANCELLED) throw new Error('some jobs were not cancelled');
      };
    },
  },
  {
    id: 'live',
    title: 'live page: 100 with their first lines',
    script: livePageScript,
    prepare: async (stage) => {
      for (let pushed = 0; pushed < 20 * MOST; pushed += MOST) await stage.push(MOST);
      let cursor: string | undefined;
      return async () => {
        ({ cursor } = await stage.driver.cancellations.live(stage.queue, { limit: PAGE, headers: true, cursor }));
      };
    },
  },
  {
    id: 'counts',
    title: 'counts, of 100 consumers',
    script: countsScript,
    prepare: async (stage) => {
      await stage.makeConsumers(CONSUMERS, 1);
      return () => stage.driver.counts(stage.queue);
    },
  },
  {
    id: 'inspect',
    title: 'inspect, with 100 consumers',
    script: inspectScript,
    prepare: async (stage) => {
      await stage.makeConsumers(CONSUMERS, 1);
      const [job] = await stage.push(1);
      return () => stage.driver.getStatus(job!.id);
    },
  },
  {
    id: 'set-status',
    title: 'set-status',
    script: setStatusScript,
    prepare: async (stage) => {
      const [job] = await stage.push(1, 0, true);
      return () => stage.driver.setStatus(job!.id, 'cancelled', ERROR);
    },
  },
  {
    id: 'heartbeat',
    title: 'heartbeat, beside 100 consumers',
    script: heartbeatScript,
    prepare: async (stage) => {
      const [consumer] = await stage.makeConsumers(CONSUMERS, 1);
      const lease = LEASE * 1_000;
      const { claimedPrefix, pollsPrefix } = stage.keys;
      const terms = { lease, interval: lease / 3, grace: 2_500, next: lease / 3 };
      const keys = { ...stage.keys, polls: pollsPrefix + consumer };
      return stage.load(heartbeatScript, { keys, args: { consumer: consumer!, ...terms, claimedPrefix } });
    },
  },
  {
    id: 'leave',
    title: 'leave',
    script: leaveScript,
    prepare: async (stage, calls) => {
      const consumers = Array.from({ length: calls }, () => stage.consume());
      for (const consumer of consumers) await consumer.poll({ settlements: [], limit: 0, recovered: false });
      return async () => consumers.pop()!.close();
    },
  },
  {
    id: 'processed',
    title: 'processed',
    script: processedScript,
    prepare: (stage) => {
      const { lastProcessed } = stage.everyKey;
      return stage.load(processedScript, { keys: { lastProcessed }, args: { second: Math.floor(Date.now() / 1_000) } });
    },
  },
  {
    id: 'wake',
    title: 'wake',
    script: wakeScript,
    prepare: (stage) => stage.load(wakeScript, { keys: stage.keys, args: {} }),
  },
];
