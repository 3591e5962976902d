import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis } from '../../../support/redis-server.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene } from './scene.js';

const SECRET = 'ada@example.org';

describe('JobExecutor: what is logged', () => {
  it('is a line for an attempt that is repeated, with the stack for those who look closer', async () => {
    const scene = new ExecutorScene({ handle: thrower(new Error('no luck')) });
    await scene.run();
    expect(scene.logger.of('warn')).toEqual([
      'SendEmailJob a (queue mail, attempt 1 of 3) failed and is tried again in 60.0 s: no luck',
    ]);
    expect(scene.logger.of('debug')).toEqual([expect.stringMatching(/^Error: no luck\n\s+at /)]);
    expect(scene.logger.of('error')).toEqual([]);
  });

  it('is an error with its stack for a job that failed for good', async () => {
    const scene = new ExecutorScene({ handle: thrower(new Error('no luck')) });
    await scene.run({ attempt: 3 });
    expect(scene.logger.of('error')).toEqual([
      expect.stringMatching(
        /^SendEmailJob a \(queue mail, attempt 3 of 3\) failed for good: no luck\nError: no luck\n\s+at /,
      ),
    ]);
  });

  it('is nothing for a job that ended well', async () => {
    const scene = new ExecutorScene({});
    await scene.run({ data: SECRET });
    expect(scene.logger.text).toBe('');
  });

  it('is never more than a page', async () => {
    const scene = new ExecutorScene({ handle: thrower(new Error('x'.repeat(1_000_000))) });
    await scene.run();
    await scene.run({ attempt: 3 });
    expect(scene.logger.text.length).toBeLessThan(15_000);
  });

  it('is never the data: not of a failed job, and not that of a thrown object', async () => {
    const scene = new ExecutorScene({
      handle: (data) => thrower({ data })(),
      failed: (_error, data) => thrower(Object.assign(new Error('again'), { data }))(),
    });
    await scene.run({ data: { to: SECRET } });
    await scene.run({ data: { to: SECRET }, attempt: 3 });
    expect(scene.logger.text).toContain('failed for good');
    expect(scene.logger.text).not.toContain(SECRET);
  });

  it('is never what a handler sent to Redis: its errors carry the arguments of the command', async () => {
    const server = await startRedis();
    const client = new Redis(server.url);
    try {
      await client.set('a-string', 'x');
      const error = await client.rpush('a-string', SECRET).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ command: { args: ['a-string', SECRET] } });
      const scene = new ExecutorScene({ handle: thrower(error) });
      await scene.run();
      await scene.run({ attempt: 3 });
      expect(scene.logger.text).toContain('WRONGTYPE');
      expect(scene.logger.text).not.toContain(SECRET);
    } finally {
      client.disconnect();
      await server.stop();
    }
  });
});
