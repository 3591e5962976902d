import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { AuthenticationError, QueueConnectionError } from '../../../lib/index.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { startWorkers } from '../harness/start-workers.js';
import { Load } from '../harness/load.js';
import { sized } from '../harness/size.js';

/** The number of keys that make loading slow. */
const KEYS = 100;

/** The server runs but refuses every client, both running and starting ones. */
describe('a server that refuses', () => {
  const chaos = new Chaos();
  const reconnect = (): Promise<unknown> => chaos.client.call('CLIENT', 'KILL', 'TYPE', 'normal');

  /** For each way to refuse: starts it and returns the function that ends it; matches the server's count of refusals. */
  const WAYS: Record<string, [begin: (length: number) => Promise<() => Promise<unknown>>, count: RegExp]> = {
    'while it loads': [
      async (length) => {
        // The server waits this number of microseconds for each key that it loads.
        await chaos.client.config('SET', 'key-load-delay', Math.ceil((length * 1_000) / KEYS));
        await chaos.client.config('SET', 'loading-process-events-interval-bytes', 1_024);
        const filler = Array.from({ length: KEYS }, (_, i) => [`filler:${i}`, 'x'.repeat(2_000)]);
        await chaos.client.mset(filler.flat());
        const loaded = chaos.client.debug('RELOAD');
        return async () => {
          await loaded;
          await chaos.client.config('SET', 'key-load-delay', 0);
        };
      },
      /errorstat_LOADING:count=/,
    ],
    'the password': [
      async () => {
        await chaos.client.config('SET', 'requirepass', 'another one');
        await reconnect();
        return () => chaos.client.config('SET', 'requirepass', '');
      },
      /errorstat_NOAUTH:count=/,
    ],
    'one client more': [
      async () => {
        await chaos.client.config('SET', 'maxclients', 1);
        await reconnect();
        return () => chaos.client.config('SET', 'maxclients', 10_000);
      },
      /rejected_connections:[1-9]/,
    ],
  };

  it.each(Object.entries(WAYS))(
    '%s loses no job, and an application that starts meanwhile waits or fails in time',
    async (way, [refuse, count]) => {
      const { length } = sized({ short: { length: 2_000 }, long: { length: 10_000 } });
      await chaos.begin({ config: ['--enable-debug-command', 'local'], worker: { lease: 2 } });
      await startWorkers(chaos, 1, {});
      const load = new Load(await chaos.producerAt(chaos.redis, { requestDeadline: 0.5 }));
      await load.more(100);
      const serve = await refuse(length);
      const startedAt = Date.now();
      // Pushes fail at their deadline.
      await eventually(() => load.failed > 0);
      const failing = expect(
        chaos.producerAt(chaos.redis, { whenAway: 'fail', connectDeadline: length / 4_000 }),
      ).rejects.toBeInstanceOf(way === 'the password' ? AuthenticationError : QueueConnectionError);
      let booted = false;
      const waiting = startWorkers(chaos, 1, { redis: { whenAway: 'wait' } }).then(() => (booted = true));
      await failing;
      expect(Date.now() - startedAt).toBeLessThan(length);
      await pause(length - (Date.now() - startedAt));
      if (way !== 'while it loads') expect(booted).toBe(false);
      await serve();
      expect(await chaos.client.info('everything')).toMatch(count);
      const backAt = Date.now();
      await waiting;
      await load.more(100);
      await load.stop();
      await chaos.drained();
      const recovery = Date.now() - backAt;
      const also = { 'refused for, in ms': backAt - startedAt, 'pushes failed': load.failed };
      const { figures } = await chaos.expectAllWell({ fault: `a server that refuses ${way}`, recovery, also });
      expect(figures).toMatchObject({ lost: 0, extra: 0, refused: 0 });
    },
  );
});
