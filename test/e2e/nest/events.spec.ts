import { describe, expect, jest, test } from '@jest/globals';
import { Controller, Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { filter, map } from 'rxjs';
import {
  defineJob,
  Job,
  JobContext,
  OnQueueEvent,
  QueueAdmin,
  QueueEvents,
  type QueueEvent,
  type QueueEventType,
} from 'nestjs-job-queue';
import { eventually } from '../../support/eventually.js';
import { startQueueApp, useSeen } from './queue-app.js';

const seen = useSeen();

@Job({ queue: 'mail', maxTries: 2 })
class MailJob {
  async handle(data: string, job: JobContext): Promise<string> {
    if (data === 'fail') throw new Error('no luck');
    if (data === 'release') job.release(60);
    await job.progress(50);
    return `sent ${data}`;
  }
}

@Job()
class OtherJob {
  handle(): void {}
}

const Ship = defineJob<string>('ship-of-events');

@Job(Ship)
class ShipHandler {
  handle(data: string): void {
    if (data === 'fail') throw new Error('sunk');
  }
}

const facts = ({ type, ...event }: QueueEvent): unknown[] => [type, 'name' in event ? event.name : ''];

describe('a method with @OnQueueEvent()', () => {
  test('hears the events of its type, of one job or of all', async () => {
    @Injectable()
    class Journal {
      private readonly name = 'journal';
      @OnQueueEvent('completed')
      onCompleted(event: QueueEvent<'completed'>): void {
        seen.push([this.name, ...facts(event)]);
      }
      @OnQueueEvent('completed', MailJob)
      @OnQueueEvent('failed', Ship)
      onSome(event: QueueEvent<'completed' | 'failed'>): void {
        seen.push(['some', ...facts(event)]);
      }
    }
    const app = await startQueueApp({ providers: [MailJob, OtherJob, ShipHandler, Journal] });
    await app.run(await app.queue.push(MailJob, 'a'));
    await app.run(await app.queue.push(OtherJob));
    await app.run(await app.queue.push(Ship, 'fail'));
    expect(seen).toEqual([
      ['journal', 'completed', 'MailJob'],
      ['some', 'completed', 'MailJob'],
      ['journal', 'completed', 'OtherJob'],
      ['some', 'failed', 'ship-of-events'],
    ]);
  });

  test('may be one of a controller, and of a job class that is not registered', async () => {
    @Job('elsewhere')
    class Elsewhere {
      handle(): void {}
    }
    @Controller()
    class Journal {
      @OnQueueEvent('pushed', Elsewhere)
      onPushed(event: QueueEvent<'pushed'>): void {
        seen.push([event.type, event.queue]);
      }
    }
    const app = await startQueueApp({ controllers: [Journal], providers: [OtherJob] });
    await app.queue.push('elsewhere', 1, 'far');
    await app.queue.push(OtherJob);
    expect(seen).toEqual([['pushed', 'far']]);
  });

  test('of a request-scoped provider is called on an instance of its own, with the event as its request', async () => {
    let made = 0;
    @Injectable({ scope: Scope.REQUEST })
    class Journal {
      private readonly number = ++made;
      constructor(@Inject(REQUEST) private readonly request: unknown) {}
      @OnQueueEvent('pushed')
      onPushed(event: QueueEvent<'pushed'>): void {
        seen.push([this.number, this.request === event]);
      }
    }
    const app = await startQueueApp({ providers: [Journal, OtherJob] });
    await app.queue.pushMany(OtherJob, [undefined, undefined] as never[]);
    await eventually(() => seen.length === 2);
    expect(seen).toEqual([
      [1, true],
      [2, true],
    ]);
  });

  test('harms nobody with what it throws or rejects with, and that is logged', async () => {
    @Injectable()
    class Bad {
      @OnQueueEvent('completed')
      throws(): void {
        throw new Error('thrown');
      }
      @OnQueueEvent('completed')
      async rejects(): Promise<void> {
        await Promise.resolve();
        throw new Error('rejected');
      }
    }
    const error = jest.fn();
    const logger = { log() {}, warn() {}, error };
    const app = await startQueueApp({ providers: [OtherJob, Bad] }, { logger });
    expect(await app.run(await app.queue.push(OtherJob))).toMatchObject({ status: 'completed' });
    await eventually(() => error.mock.calls.length === 2);
    const messages = error.mock.calls.map(([message]) => message);
    expect(messages).toEqual([
      expect.stringMatching(/"completed" threw: thrown/),
      expect.stringMatching(/threw: rejected/),
    ]);
  });

  test('is refused with a job that is none, and with an unknown type', async () => {
    expect(() => OnQueueEvent('failed', class {} as never)).toThrow(
      /"@OnQueueEvent\("failed", job\)": expected a job class/,
    );
    expect(() => OnQueueEvent('failed', undefined)).toThrow(/a circular import\?/);
    class Wrong {
      @OnQueueEvent('finished' as 'failed')
      on(): void {}
    }
    await expect(startQueueApp({ providers: [Wrong] })).rejects.toThrow(
      /@OnQueueEvent\(\) of Wrong.on\(\)": expected one of pushed,/,
    );
  });
});

describe('QueueEvents', () => {
  test('emits each event of a job with its parts', async () => {
    const app = await startQueueApp({ providers: [MailJob] }, { jobs: { retryDelay: 0 } });
    const heard: QueueEvent[] = [];
    app.app.get(QueueEvents).all$.subscribe((event) => heard.push(event));
    const metadata = { tenant: 'acme' };
    const id = await app.queue.push(MailJob, 'a', { metadata, tags: ['t'], id: 'one' });
    await app.queue.push(MailJob, 'a', { id: 'one' });
    await app.run();
    const failing = await app.queue.push(MailJob, 'fail');
    await app.run();
    await app.run();
    const of = (type: QueueEventType) => heard.filter((event) => event.type === type);
    const job = { time: expect.any(Date), queue: 'mail', id, name: 'MailJob', metadata, tags: ['t'] };
    expect(of('pushed')[0]).toEqual({ type: 'pushed', ...job, attempt: 0 });
    expect(of('duplicate')).toMatchObject([{ id, name: 'MailJob', queue: 'mail', attempt: 0 }]);
    expect(of('started')[0]).toEqual({ type: 'started', ...job, attempt: 1 });
    expect(of('progress')).toEqual([{ type: 'progress', ...job, attempt: 1, progress: 50 }]);
    expect(of('completed')).toEqual([
      { type: 'completed', ...job, attempt: 1, result: 'sent a', duration: expect.any(Number) },
    ]);
    const error = expect.objectContaining({ message: 'no luck' });
    expect(of('retrying')).toMatchObject([{ id: failing, attempt: 1, error, delay: 0 }]);
    expect(of('failed')).toMatchObject([{ id: failing, attempt: 2, error }]);
  });

  test('tells once that a queue has run dry, after its last job', async () => {
    const app = await startQueueApp({ providers: [MailJob] });
    const heard: string[] = [];
    const events = app.app.get(QueueEvents);
    events.all$
      .pipe(
        filter(({ type }) => type === 'completed' || type === 'queue-drained' || type === 'released'),
        map((event) => `${event.type} ${'queue' in event ? event.queue : ''}`),
      )
      .subscribe((line) => heard.push(line));
    await app.queue.pushMany(MailJob, ['a', 'b', 'release']);
    await app.run();
    await eventually(() => heard.includes('queue-drained mail'));
    expect(heard).toEqual(['completed mail', 'completed mail', 'released mail', 'queue-drained mail']);
    await app.run();
    expect(heard).toHaveLength(4);
  });

  test('tells of pauses and of the worker', async () => {
    const app = await startQueueApp({ providers: [OtherJob] });
    const heard: string[] = [];
    app.app.get(QueueEvents).all$.subscribe(({ type }) => heard.push(type));
    await app.app.get(QueueAdmin).pause('default');
    await app.run();
    expect(heard).toEqual(['worker-started', 'queue-paused', 'worker-stopped']);
  });

  test('stops with its subscription, and survives a subscriber that throws', async () => {
    const app = await startQueueApp({ providers: [OtherJob] });
    const events = app.app.get(QueueEvents);
    const subscription = events.on('pushed').subscribe(() => {
      seen.push('heard');
      throw new Error('no luck');
    });
    await app.queue.push(OtherJob);
    await app.queue.push(OtherJob);
    subscription.unsubscribe();
    await app.queue.push(OtherJob);
    expect(seen).toEqual(['heard', 'heard']);
    expect(events.listenerCount).toBe(0);
    expect(() => events.on('unknown' as never)).toThrow(/expected one of pushed, duplicate/);
  });
});
