import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import {
  QUEUE_DRIVER,
  QueueAdmin,
  QueueManager,
  QueueModule,
  QueueSchedules,
  type QueueDriver,
} from 'nestjs-job-queue';
import { BoardReads } from '../../../lib/board/board-reads.js';
import { BoardServer } from '../../../lib/board/board-server.js';
import type { HttpRequest, HttpResponse } from '../../../lib/board/http.js';
import { BoardPages } from '../../../lib/board/pages/board-pages.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { useRedis } from '../../support/use-redis.js';
import { TaskJob } from './board-app.js';

const QUEUES = 30;
const PAGES = 10;
/** Bull-board asks every five seconds. */
const INTERVAL = 5_000;
const MINUTE = 60_000;

describe('ten open pages over thirty queues', () => {
  const redis = useRedis();

  /** Lets the pages poll for a minute of a clock that the test moves. @returns the commands that Redis executed a second, those of scripts too */
  async function commandsASecond(pathOf: (page: number) => string): Promise<number> {
    const { host, port, database } = redis;
    const module = await Test.createTestingModule({
      imports: [
        QueueModule.forRoot({ driver: 'redis', redis: { host, port, database }, logger: false, worker: false }),
      ],
      providers: [TaskJob],
    }).compile();
    await module.init();
    const [queue, admin] = [module.get(QueueManager), module.get(QueueAdmin)];
    const driver = module.get<QueueDriver>(QUEUE_DRIVER);
    for (let i = 0; i < QUEUES; i++) {
      const jobs = Array.from({ length: 20 }, (_, of) => ({ of: `${of}` }));
      await queue.pushMany(TaskJob, jobs, { queue: `q${i}` });
      await queue.later(TaskJob, { of: 'later' }, '1h', `q${i}`);
    }
    let now = 0;
    const reads = new BoardReads(driver, admin, () => now);
    const schedules = module.get(QueueSchedules);
    const pages = new BoardPages({ title: 'Queues', readOnly: false, admin, manager: queue, driver, reads, schedules });
    const logger = new RecordingLogger();
    const server = new BoardServer({ title: 'Queues', admin, manager: queue, reads, pages, logger });
    const before = await executed();
    for (; now < MINUTE; now += INTERVAL / PAGES) {
      const page = (now / (INTERVAL / PAGES)) % PAGES;
      for (const path of pathOf(page).split(' ')) expect(await get(server, path)).toBe(200);
    }
    const after = await executed();
    await module.close();
    return (after - before) / (MINUTE / 1000);
  }

  async function executed(): Promise<number> {
    return Number(/total_commands_processed:(\d+)/.exec(await redis.client.info('stats'))![1]);
  }

  async function get(server: BoardServer, path: string): Promise<number> {
    const query = Object.fromEntries(new URL(path, 'http://board').searchParams);
    const request: HttpRequest = {
      method: 'GET',
      originalUrl: path,
      headers: {},
      query,
      body: undefined,
      route: { path: '/queues/*path' },
    };
    let status = 0;
    const response: HttpResponse = {
      status(code) {
        status = code;
        return response;
      },
      header: () => undefined,
      getHeader: () => undefined,
      send: () => undefined,
    };
    await server.serve(request, response);
    return status;
  }

  it('of all queues cost Redis less than a hundred commands a second, those in scripts included', async () => {
    const cost = await commandsASecond(() => '/queues/api/queues?page=1&jobsPerPage=10');
    expect(cost).toBeLessThan(100);
    expect(cost).toBeGreaterThan(10);
  });

  it('of which half shows the jobs of one queue cost less than that, too', async () => {
    const cost = await commandsASecond((page) =>
      page < PAGES / 2
        ? '/queues/api/queues?page=1&jobsPerPage=10'
        : '/queues/api/queues?activeQueue=q3&status=latest&page=1&jobsPerPage=10 /queues/api/queues/q3/metrics',
    );
    expect(cost).toBeLessThan(100);
  });
});
