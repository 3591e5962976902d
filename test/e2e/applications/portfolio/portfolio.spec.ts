import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CLOCK, QueueAdmin, QueueManager, Worker } from 'nestjs-job-queue';
import request from 'supertest';
import { FakeClock } from '../../../support/fake-clock.js';
import { DataProviders, DelistedError } from './data-providers.js';
import { GatherHistory } from './gathering.jobs.js';
import { GatheringService } from './gathering.service.js';
import { type Asset, keyOf, Market, SOURCES } from './market.js';
import { MemoryCache } from './memory-cache.js';
import { PortfolioModule } from './portfolio.module.js';
import { RunLog, type MemoryRunLog } from './scheduled-gathering.js';
import {
  type Calculator,
  ComputeSnapshot,
  snapshotKey,
  SnapshotService,
  SnapshotUnavailableError,
  type SnapshotRequest,
} from './snapshots.js';

const MINUTE = 60;
const request1: SnapshotRequest = { userId: 'ann', currency: 'EUR', filters: [] };

describe('an application that gathers prices, on the array driver in virtual time', () => {
  let app: INestApplication<Server>;
  let clock: FakeClock;
  let queue: QueueManager;
  let market: Market;
  let providers: DataProviders;
  let gathering: GatheringService;
  let snapshots: SnapshotService;
  let cache: MemoryCache;
  let computed: SnapshotRequest[];
  let gate: Promise<void> | undefined;

  beforeEach(async () => {
    [clock, cache, computed, gate] = [new FakeClock(), new MemoryCache(), [], undefined];
    const calculator: Calculator = {
      compute: async (wanted) => {
        computed.push(wanted);
        await gate;
        return computed.length;
      },
    };
    const testing = await Test.createTestingModule({
      imports: [PortfolioModule.of({ driver: 'array', worker: false }, cache, calculator)],
    })
      .overrideProvider(CLOCK)
      .useValue(clock)
      .compile();
    app = testing.createNestApplication({ logger: false });
    await app.init();
    [queue, market, providers] = [app.get(QueueManager), app.get(Market), app.get(DataProviders)];
    [gathering, snapshots] = [app.get(GatheringService), app.get(SnapshotService)];
  });
  afterEach(async () => {
    await app.close();
  });

  /** Runs all jobs that can start now, and those that can start after them. */
  async function work(): Promise<void> {
    while ((await app.get(Worker).runOnce()) > 0);
  }

  /** Adds assets: some of them have symbols with special characters. */
  function list(count: number): void {
    const marks = ['.', '^', '=', '-'];
    for (let at = 0; at < count; at++) {
      market.assets.push({ dataSource: SOURCES[at % 4]!, symbol: `${marks[at % 4]}AB${at}` });
    }
  }

  const callsFor = (kind: string): string[] => providers.calls.filter((call) => call.startsWith(kind));
  const statusOf = async (asset: Asset): Promise<unknown> =>
    (await queue.getJobStatus(`profile:${keyOf(asset)}`))?.status;

  describe('gathers the profiles of all assets', () => {
    test('in one call, each under its own id; a second call adds none', async () => {
      list(400);
      const first = await gathering.gatherAll();
      const second = await gathering.gatherAll();

      expect(first).toHaveLength(300);
      expect(new Set(first.map(({ outcome }) => outcome))).toEqual(new Set(['queued']));
      expect(new Set(second.map(({ outcome }) => outcome))).toEqual(new Set(['duplicate']));
      expect(second.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
      expect((await queue.counts('profiles')).ready).toBe(300);
    });

    test('again after the end of the jobs, under the same ids', async () => {
      list(4);
      await gathering.gatherAll();
      await work();
      expect(market.names.get('YAHOO/.AB0')).toBe('.AB0 Inc.');
      expect(market.names.size).toBe(3);

      const again = await gathering.gatherAll();
      expect(again.map(({ outcome }) => outcome)).toEqual(['queued', 'queued', 'queued']);
    });

    test('and gives up a delisted asset at once', async () => {
      list(1);
      providers.failure = () => new DelistedError('gone');
      await gathering.gatherAll();
      await work();

      expect(await statusOf(market.assets[0]!)).toBe('failed');
      expect(market.inactive).toEqual(new Set(['YAHOO/.AB0']));
      expect(providers.calls).toHaveLength(1);
      expect(await gathering.gatherAll()).toEqual([]);
    });

    test('and tries any other failure twelve times, a minute after the first one and then twice as long each time', async () => {
      list(1);
      providers.failure = () => new Error('try later');
      await gathering.gatherAll();
      await work();

      for (let tries = 1; tries < 12; tries++) {
        expect(callsFor('profile')).toHaveLength(tries);
        expect(await statusOf(market.assets[0]!)).toBe('retrying');
        const pause = MINUTE * 2 ** (tries - 1);
        await clock.advance(pause - 1);
        await work();
        expect(callsFor('profile')).toHaveLength(tries);
        await clock.advance(1);
        await work();
      }

      expect(callsFor('profile')).toHaveLength(12);
      expect(await statusOf(market.assets[0]!)).toBe('failed');
    });

    test('and keeps nothing of those that completed, and the failed ones with their data', async () => {
      list(3);
      providers.failure = ({ dataSource }) => (dataSource === 'EOD' ? new DelistedError('gone') : undefined);
      const [completed, , failed] = await gathering.gatherAll();
      await work();

      expect(await queue.getJobStatus(completed!.id)).toBeNull();
      const { data, state, error } = (await app.get(QueueAdmin).job(failed!.id))!;
      expect({ data, state }).toEqual({ data: market.assets[2], state: 'failed' });
      expect(error).toContain('is not traded any more');
    });
  });

  describe('gathers recent prices', () => {
    beforeEach(() => {
      list(8);
      market.currencies.push({ dataSource: 'YAHOO', symbol: 'USDEUR=X' }, { dataSource: 'EOD', symbol: 'EURGBP=X' });
      market.users.push(
        { id: 'ann', isPaying: true, assets: [market.assets[4]!, market.assets[6]!] },
        { id: 'bob', isPaying: false, assets: [market.assets[0]!] },
      );
    });

    test('of currencies first, then what paying users hold, then the rest, and of each source no faster than it allows', async () => {
      await gathering.gatherRecent();
      const starts: Record<string, string[]> = {};
      for (let second = 0; second < 12; second++) {
        const before = providers.calls.length;
        await work();
        for (const call of providers.calls.slice(before)) {
          const [source, symbol] = call.slice('history '.length).split('/');
          (starts[source!] ??= []).push(`${second} ${symbol}`);
        }
        await clock.advance(1);
      }

      expect(starts).toEqual({
        YAHOO: ['0 USDEUR=X', '3 .AB4', '6 .AB0'],
        COINGECKO: ['0 ^AB1', '3 ^AB5'],
        EOD: ['0 EURGBP=X', '3 =AB6', '6 =AB2'],
      });
    });

    test('while a source that answers 429 holds up no other one', async () => {
      providers.failure = ({ dataSource }) => (dataSource === 'EOD' ? new Error('429') : undefined);
      await gathering.gatherRecent();
      for (let second = 0; second <= 6; second += 3) {
        await work();
        await clock.advance(3);
      }

      expect(market.pricesOf(market.assets[0]!).size).toBe(2);
      expect(market.pricesOf(market.assets[5]!).size).toBe(2);
      expect(market.pricesOf(market.assets[2]!).size).toBe(0);
    });

    test('carries the last price over gaps, and replaces stored prices only when it is told to', async () => {
      const [asset] = market.assets;
      market.today = 3;
      providers.gaps = [2];
      const gather = async (from: number, force: boolean): Promise<void> => {
        await queue.push(GatherHistory, { ...asset!, from, force });
        await work();
        await clock.advance(3);
      };
      await gather(0, false);
      expect([...market.pricesOf(asset!)]).toEqual([
        [0, 100],
        [1, 101],
        [2, 101],
        [3, 103],
      ]);

      market.today = 2;
      providers.price = () => 7;
      await gather(1, false);
      expect(market.pricesOf(asset!).get(3)).toBe(103);
      await gather(1, true);
      expect([...market.pricesOf(asset!)]).toEqual([
        [0, 100],
        [1, 7],
        [2, 7],
      ]);
    });
  });

  test('stores the four statistics', async () => {
    await gathering.gatherStatistics();
    await work();
    expect([...market.statistics.keys()].toSorted()).toEqual(['followers', 'pulls', 'stars', 'uptime']);
  });

  describe('answers a request for a portfolio', () => {
    const id = snapshotKey(request1);

    test('from the cache', async () => {
      await cache.write(id, { userId: 'ann', value: 42 });
      expect(await snapshots.read(request1)).toEqual({ userId: 'ann', value: 42 });
      expect((await queue.counts('snapshots')).ready).toBe(0);
    });

    test('at once with an expired snapshot, and computes the next one in the background', async () => {
      await cache.write(id, { userId: 'ann', value: 42 });
      cache.expire(id);
      expect(await snapshots.read(request1)).toEqual({ userId: 'ann', value: 42 });
      expect(await snapshots.read(request1)).toEqual({ userId: 'ann', value: 42 });
      expect((await app.get(QueueAdmin).job(id))?.priority).toBe(-10);

      await work();
      expect(computed).toHaveLength(1);
      expect(await snapshots.read(request1)).toEqual({ userId: 'ann', value: 1 });
    });

    test('with one computation for ten requests at once', async () => {
      const answers = Promise.all(Array.from({ length: 10 }, () => snapshots.read(request1)));
      await clock.advance(0);
      expect((await app.get(QueueAdmin).job(id))?.priority).toBe(10);
      await work();

      expect(new Set((await answers).map(({ value }) => value))).toEqual(new Set([1]));
      expect(computed).toHaveLength(1);
    });

    test('with a typed error if the cache has none after three computations', async () => {
      cache.isBroken = true;
      const answer = expect(snapshots.read(request1)).rejects.toThrow(SnapshotUnavailableError);
      for (let round = 0; round < 4; round++) {
        await clock.advance(0);
        await work();
      }
      await answer;
      expect(computed).toHaveLength(3);
    });

    test('although the job that it waits for ends and vanishes meanwhile', async () => {
      await queue.push(ComputeSnapshot, request1, { id, unique: true });
      await work();
      await expect(queue.waitFor(id, { timeout: '1m' })).rejects.toMatchObject({ code: 'ERR_JOB_NOT_FOUND' });
      expect(await snapshots.read(request1)).toEqual({ userId: 'ann', value: 1 });
    });

    test('after a computation of ten minutes, which runs once', async () => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => (open = resolve));
      await queue.push(ComputeSnapshot, request1, { id, unique: true });
      const running = app.get(Worker).runOnce();
      await clock.advance(10 * MINUTE);
      expect(await queue.pop('snapshots')).toBeNull();
      open();
      await running;
      expect(computed).toHaveLength(1);
    });
  });

  test('gathers by its schedules: prices each hour, profiles each Sunday, statistics each day at a minute that nobody chose', async () => {
    list(1);
    const { runs } = app.get<MemoryRunLog>(RunLog);
    const minutes = new Set<number>();
    for (let day = 0; day < 14; day++) {
      for (let minute = 0; minute < 24 * 60;) {
        // The statistics come from six to seven.
        const step = minute >= 6 * 60 && minute < 7 * 60 ? 1 : 60;
        await clock.advance(step * MINUTE);
        minute += step;
        const before = market.statistics.size;
        await work();
        if (market.statistics.size > before) minutes.add(minute - 6 * 60);
        if (minute === 8 * 60) market.statistics.clear();
      }
    }

    const timesOf = (name: string): string[] => runs.flatMap(([schedule, time]) => (schedule === name ? time : []));
    const hours = Array.from({ length: 14 * 24 }, (_, hour) => new Date(Date.UTC(2026, 0, 1, hour + 1)).toISOString());
    expect(timesOf('hourly')).toEqual(hours);
    expect(timesOf('weekly')).toEqual(['2026-01-04T11:00:00.000Z', '2026-01-11T11:00:00.000Z']);
    expect(timesOf('some minute')).toHaveLength(14);
    expect(minutes.size).toBeGreaterThan(5);
    expect(callsFor('history')).toHaveLength(14 * 24);
    expect(callsFor('profile')).toHaveLength(2);
  });

  test('computes once for all changes of five seconds', async () => {
    for (let change = 0; change < 4; change++) {
      await snapshots.changed(request1);
      await clock.advance(4);
      await work();
    }
    expect(computed).toHaveLength(0);
    await clock.advance(1);
    await work();
    expect(computed).toEqual([request1]);
  });

  describe('lets an operator', () => {
    const asAdmin = (method: 'get' | 'post' | 'delete', path: string) =>
      request(app.getHttpServer())[method](`/admin/jobs${path}`).set('x-role', 'admin');

    test('in, and nobody else', async () => {
      await request(app.getHttpServer()).get('/admin/jobs').expect(403);
    });

    test('list the jobs of all queues, with state, tries, data, stack, times and name', async () => {
      list(3);
      providers.failure = ({ dataSource }) => (dataSource === 'EOD' ? new Error('try later') : undefined);
      await gathering.gatherAll();
      await queue.push(ComputeSnapshot, request1, { delay: '1h' });
      await app.get(Worker).runOnce();
      await gathering.gatherStatistics();

      const { body } = await asAdmin('get', '').expect(200);
      const states = (body as { state: string; queue: string }[]).map(({ state, queue: of }) => `${of} ${state}`);
      expect(states.toSorted()).toEqual([
        'profiles retrying',
        'snapshots delayed',
        ...Array.from({ length: 4 }, () => 'statistics queued'),
      ]);
      const { body: retrying } = await asAdmin('get', '?states=retrying').expect(200);
      expect(retrying).toEqual([
        expect.objectContaining({
          name: 'gather-profile',
          attempt: 1,
          data: market.assets[2],
          error: 'try later',
          failures: [expect.objectContaining({ stack: expect.stringContaining('data-providers') })],
          pushedAt: expect.any(String),
          availableAt: expect.any(String),
        }),
      ]);
    });

    test('see at most 5,000 jobs', async () => {
      await queue.pushMany(
        ComputeSnapshot,
        Array.from({ length: 5_100 }, () => request1),
      );
      const { body } = await asAdmin('get', '').expect(200);
      expect(body).toHaveLength(5_000);
    });

    test('delete a job by its id, in whatever queue it is', async () => {
      const id = await queue.push(ComputeSnapshot, request1, { delay: '1h' });
      await asAdmin('delete', `/${id}`).expect(200);
      await asAdmin('delete', `/${id}`).expect(404);
      expect((await queue.counts('snapshots')).delayed).toBe(0);
    });

    test('run a delayed job now', async () => {
      const id = await queue.push(ComputeSnapshot, request1, { delay: '1h' });
      await asAdmin('post', `/${id}/run`).expect(201);
      await work();
      expect(computed).toHaveLength(1);
    });

    test('clean a queue by state', async () => {
      list(3);
      providers.failure = () => new DelistedError('gone');
      await gathering.gatherAll();
      await work();
      await queue.push(ComputeSnapshot, request1, { queue: 'profiles', delay: '1h' });

      const { body } = await asAdmin('delete', '/of/profiles?state=failed').expect(200);
      expect(body).toEqual({ removed: 3 });
      expect(await queue.counts('profiles')).toMatchObject({ failed: 0, delayed: 1 });
    });
  });
});
