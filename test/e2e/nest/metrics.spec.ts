import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Job, QueueAdmin, QueueManager, QueueModule, Worker, type JobContext } from 'nestjs-job-queue';
import { QueueMetricsModule } from 'nestjs-job-queue/prometheus';
import { Registry } from 'prom-client';
import request from 'supertest';
import { CLOCK } from '../../../lib/queue.tokens.js';
import { deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { TEST_OPTIONS } from './queue-app.js';

const clock = { current: new FakeClock() };

@Job({ queue: 'mails', maxTries: 2, retryDelay: 60 })
@Injectable()
class MailJob {
  async handle(to: string, job: JobContext): Promise<void> {
    await clock.current.advance(0.3);
    if (to === '') throw new Error('no address');
    if (to === 'later') job.release(60);
  }
}

describe('the metrics of an application', () => {
  const open: INestApplication[] = [];
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
  });

  async function start(registry = new Registry()) {
    @Controller('metrics')
    class MetricsController {
      @Get()
      metrics(): Promise<string> {
        return registry.metrics();
      }
    }
    clock.current = new FakeClock();
    const module = await Test.createTestingModule({
      imports: [QueueModule.forRoot({ ...TEST_OPTIONS, worker: false }), QueueMetricsModule.forRoot({ registry })],
      providers: [MailJob],
      controllers: [MetricsController],
    })
      .overrideProvider(CLOCK)
      .useValue(clock.current)
      .compile();
    const app = module.createNestApplication();
    open.push(app);
    await app.init();
    const scrape = async (): Promise<string> =>
      (
        await request(app.getHttpServer() as never)
          .get('/metrics')
          .expect(200)
      ).text;
    return { app, queue: app.get(QueueManager), admin: app.get(QueueAdmin), worker: app.get(Worker), registry, scrape };
  }

  it('tell pushes, attempts, and their times', async () => {
    const { queue, worker, scrape } = await start();
    await queue.push(MailJob, 'ada', { id: 'one' });
    await queue.push(MailJob, 'ada', { id: 'one' });
    await queue.push(MailJob, '');
    await queue.push(MailJob, 'later');
    await clock.current.advance(4);
    for (let run = 0; run < 3; run++) await worker.runOnce();
    const text = await scrape();
    const of = 'queue="mails",name="MailJob"';
    expect(text).toContain(`job_queue_pushed_total{${of}} 3\n`);
    expect(text).toContain(`job_queue_duplicates_total{${of}} 1\n`);
    expect(text).toContain(`job_queue_attempts_total{${of},outcome="completed"} 1\n`);
    expect(text).toContain(`job_queue_attempts_total{${of},outcome="retrying"} 1\n`);
    expect(text).toContain(`job_queue_attempts_total{${of},outcome="released"} 1\n`);
    expect(text).toContain(`job_queue_run_seconds_count{${of}} 3\n`);
    expect(text).toContain(`job_queue_run_seconds_bucket{le="0.25",${of}} 0\n`);
    expect(text).toContain(`job_queue_wait_seconds_bucket{le="2.5",${of}} 0\n`);
    expect(text).toContain(`job_queue_wait_seconds_bucket{le="5",${of}} 3\n`);
    await clock.current.advance(120);
    await worker.run({ queues: ['mails'], stopWhenEmpty: true });
    const later = await scrape();
    expect(later).toContain(`job_queue_attempts_total{${of},outcome="failed"} 1\n`);
    expect(later).toContain(`job_queue_run_seconds_count{${of}} 5\n`);
    // Only first attempts count, and none of a job that was released before.
    expect(later).toContain(`job_queue_wait_seconds_count{${of}} 3\n`);
  });

  it('tell the state of the queues at each scrape', async () => {
    const { queue, admin, worker, scrape } = await start();
    await queue.push(MailJob, 'ada');
    await queue.push(MailJob, 'ada', { delay: 60 });
    await clock.current.advance(5);
    const text = await scrape();
    expect(text).toContain('job_queue_up 1\n');
    expect(text).toContain('job_queue_jobs{queue="mails",state="ready"} 1\n');
    expect(text).toContain('job_queue_jobs{queue="mails",state="delayed"} 1\n');
    expect(text).toContain('job_queue_jobs{queue="mails",state="failed"} 0\n');
    expect(text).toContain('job_queue_oldest_ready_seconds{queue="mails"} 5\n');
    expect(text).toContain('job_queue_paused{queue="mails"} 0\n');
    expect(text).toContain('job_queue_workers{queue="mails"} 0\n');
    await admin.pause('mails');
    worker.start();
    const paused = await scrape();
    expect(paused).toContain('job_queue_paused{queue="mails"} 1\n');
    expect(paused).toContain('job_queue_workers{queue="mails"} 1\n');
    await admin.obliterate('mails');
    expect(await scrape()).not.toContain('queue="mails",state=');
  });

  it('ask the storage once for all gauges of a scrape', async () => {
    const { admin, scrape } = await start();
    let asked = 0;
    const queues = admin.queues.bind(admin);
    admin.queues = () => {
      asked++;
      return queues();
    };
    await scrape();
    expect(asked).toBe(1);
    await scrape();
    expect(asked).toBe(2);
  });

  it('keep the counters, and say that the storage is away, if it does not answer in two seconds, or refuses', async () => {
    const { admin, queue, scrape } = await start();
    await queue.push(MailJob, 'ada');
    await scrape();
    const asked = deferred();
    admin.queues = () => {
      asked.resolve();
      return new Promise(() => undefined);
    };
    const hanging = scrape();
    await asked.promise;
    await clock.current.advance(1.9);
    const before = await Promise.race([hanging, Promise.resolve('it waits')]);
    expect(before).toBe('it waits');
    await clock.current.advance(0.1);
    const late = await hanging;
    admin.queues = () => Promise.reject(new Error('no'));
    for (const text of [late, await scrape()]) {
      expect(text).toContain('job_queue_up 0\n');
      expect(text).not.toContain('job_queue_jobs{');
      expect(text).toContain('job_queue_pushed_total{queue="mails",name="MailJob"} 1\n');
    }
  });

  it('leave nothing in the registry when the application stops, and refuse one that has them', async () => {
    const { app, registry } = await start();
    await expect(start(registry)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'metrics.registry' });
    await app.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
    await start(registry);
  });

  it('refuse wrong options', () => {
    expect(() => QueueMetricsModule.forRoot({ registry: {} as Registry })).toThrow(
      'expected a registry of prom-client',
    );
    expect(() => QueueMetricsModule.forRoot({ register: 1 } as object)).toThrow('did you mean "registry"?');
  });
});
