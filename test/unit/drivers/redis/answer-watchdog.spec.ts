import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { AnswerWatchdog } from '../../../../lib/drivers/redis/answer-watchdog.js';
import type { RedisClient } from '../../../../lib/drivers/redis/redis-clients.js';
import { QueueClosedError } from '../../../../lib/queue.errors.js';
import { deferred } from '../../../support/deferred.js';
import { FakeClock } from '../../../support/fake-clock.js';

class FakeClient extends EventEmitter {
  status = 'ready';
  constructor(readonly isCluster = false) {
    super();
  }
}

describe('AnswerWatchdog', () => {
  let clock: FakeClock;
  let client: FakeClient;
  let silences: number;
  let isGreetingAwaited: boolean;
  let watchdog: AnswerWatchdog;
  const open = (isCluster = false): void => {
    client = new FakeClient(isCluster);
    watchdog = new AnswerWatchdog(client as unknown as RedisClient, clock, {
      isGreetingAwaited: () => isGreetingAwaited,
      onSilence: () => void silences++,
    });
  };
  const never = (): Promise<unknown> => new Promise(() => undefined);
  const watch = (answer: Promise<unknown>, key = '', seconds = Infinity): Promise<unknown> => {
    const watched = watchdog.watch(answer, key, watchdog.time.now() + seconds * 1000);
    watched.catch(() => undefined);
    return watched;
  };

  beforeEach(() => {
    clock = new FakeClock();
    silences = 0;
    isGreetingAwaited = false;
    open();
  });

  it('resolves or rejects with the answer', async () => {
    await expect(watch(Promise.resolve('yes'))).resolves.toBe('yes');
    await expect(watch(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('rejects each caller at its own deadline', async () => {
    const ends: string[] = [];
    for (const seconds of [3, 1, 2]) watch(never(), '', seconds).catch(() => ends.push(`${seconds} s`));
    await clock.advance(0.999);
    expect(ends).toEqual([]);
    await clock.advance(0.001);
    expect(ends).toEqual(['1 s']);
    await clock.advance(1);
    expect(ends).toEqual(['1 s', '2 s']);
    await clock.advance(1);
    expect(ends).toEqual(['1 s', '2 s', '3 s']);
  });

  it('rejects with an error that says that no answer came in time', async () => {
    const watched = watch(never(), '', 1);
    await clock.advance(1);
    await expect(watched).rejects.toThrow('no answer in time');
  });

  it('reports a silence when an answer has been owed for five seconds, also after its deadline', async () => {
    void watch(never(), '', 1);
    await clock.advance(4.999);
    expect(silences).toBe(0);
    await clock.advance(0.001);
    expect(silences).toBe(1);
  });

  it('reports no silence while other answers come', async () => {
    void watch(never());
    for (let i = 0; i < 20; i++) {
      await clock.advance(1);
      await watch(Promise.resolve());
    }
    expect(silences).toBe(0);
    await clock.advance(6);
    expect(silences).toBe(1);
  });

  it('reports no silence if no answer is owed', async () => {
    await watch(Promise.resolve());
    await clock.advance(60);
    expect(silences).toBe(0);
  });

  it('reports no silence while there is no connection', async () => {
    client.status = 'reconnecting';
    void watch(never());
    await clock.advance(60);
    expect(silences).toBe(0);
  });

  it('gives a new connection five seconds for its answers', async () => {
    void watch(never());
    await clock.advance(4);
    client.emit('ready');
    await clock.advance(4.5);
    expect(silences).toBe(0);
    await clock.advance(1.5);
    expect(silences).toBe(1);
  });

  it('reports a silence if the server does not greet', async () => {
    client.status = 'connect';
    client.emit('connect');
    isGreetingAwaited = true;
    watchdog.watchGreeting();
    await clock.advance(5);
    expect(silences).toBe(1);
  });

  it('measures the silence of each part of a cluster', async () => {
    open(true);
    void watch(never(), 'queue:{silent}:jobs');
    for (let i = 0; i < 5; i++) {
      await watch(Promise.resolve(), 'queue:{other}:jobs');
      await clock.advance(1);
    }
    expect(silences).toBe(1);
  });

  it('rejects all callers when it is closed, and leaves no listener and no timer', async () => {
    const answer = deferred();
    const watched = watch(answer.promise);
    watchdog.close();
    await expect(watched).rejects.toBeInstanceOf(QueueClosedError);
    expect(client.eventNames()).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
