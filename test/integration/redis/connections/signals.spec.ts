import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { RedisClients } from '../../../../lib/drivers/redis/redis-clients.js';
import { RedisSignals } from '../../../../lib/drivers/redis/redis-signals.js';
import type { RedisToolkit } from '../../../../lib/drivers/redis/redis-toolkit.js';
import { resolveOptions } from '../../../../lib/options/options.resolver.js';
import { systemClock } from '../../../../lib/support/clock.js';
import { Recorder } from '../../../support/recorder.js';
import { useRedis } from '../../../support/use-redis.js';

describe('the connection for signals', () => {
  const redis = useRedis();
  let client: Redis;
  let signals: RedisSignals;
  let began: Recorder<string>;
  let messages: Recorder<string>;

  beforeEach(async () => {
    const options = resolveOptions({ driver: 'redis', redis: { url: redis.url } }, {});
    const clients = new RedisClients(options.redis, systemClock);
    signals = new RedisSignals({} as RedisToolkit, () => (client = clients.signals() as Redis));
    began = new Recorder();
    messages = new Recorder();
    signals.listen('news', { message: (text) => messages.add(text), began: () => began.add('news') });
    await began.has(1);
  });
  afterEach(() => signals.close());

  it('gets messages again after it was lost', async () => {
    client.stream.destroy();
    await began.has(2);
    await redis.client.publish('news', 'one');
    await redis.client.publish('news', 'two');
    await messages.has(2);
    expect(messages.items).toEqual(['one', 'two']);
  });

  it('leaves no unhandled rejection if it is closed while it subscribes again', async () => {
    client.stream.destroy();
    await once(client, 'ready');
    signals.close();
    // The reply to the new subscription does not come any more.
    client.stream.destroy();
    await once(client, 'end');
    // Jest fails the test that is under way when a rejection is found to be unhandled.
    await setImmediate();
    expect(began.items).toHaveLength(1);
  });
});
