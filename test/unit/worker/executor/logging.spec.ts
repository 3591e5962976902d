import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis } from '../../../support/redis-server.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene } from './scene.js';

const SECRET = 'ada@example.org';

describe('JobExecutor: the log', () => {
  it('has a warning with the stack of the error and of its cause if an attempt is retried', async () => {
    const error = new Error('no luck', { cause: new Error('the reason') });
    const scene = new ExecutorScene({ handle: thrower(error) });
    await scene.run();
    expect(scene.logger.of('warn')).toEqual([
      expect.stringMatching(
        /^SendEmailJob a \(queue mail, attempt 1 of 3\) failed and is tried again in 60.0 s: no luck: the reason\nError: no luck\n\s+at [^]*\nCaused by: Error: the reason\n\s+at /,
      ),
    ]);
    expect(scene.logger.of('error')).toEqual([]);
  });

  it('has no frames of the library in a stack', async () => {
    const scene = new ExecutorScene({
      handle: () => {
        throw new Error('no luck');
      },
    });
    await scene.run();
    expect(scene.logger.text).toContain('logging.spec.ts');
    expect(scene.logger.text).not.toMatch(/[/\\]lib[/\\]worker|async_hooks/);
  });

  it('has an error with its stack if a job fails for good', async () => {
    const scene = new ExecutorScene({ handle: thrower(new Error('no luck')) });
    await scene.run({ attempt: 3 });
    expect(scene.logger.of('error')).toEqual([
      expect.stringMatching(
        /^SendEmailJob a \(queue mail, attempt 3 of 3\) failed for good: no luck\nError: no luck\n\s+at /,
      ),
    ]);
  });

  it('has no line if a job completes', async () => {
    const scene = new ExecutorScene({});
    await scene.run({ data: SECRET });
    expect(scene.logger.text).toBe('');
  });

  it('has a shortened line if the error is long', async () => {
    const scene = new ExecutorScene({ handle: thrower(new Error('x'.repeat(1_000_000))) });
    await scene.run();
    await scene.run({ attempt: 3 });
    expect(scene.logger.text.length).toBeLessThan(15_000);
  });

  it('has no data of a failed job and no content of a thrown object', async () => {
    const scene = new ExecutorScene({
      handle: (data) => thrower({ data })(),
      failed: (_error, data) => thrower(Object.assign(new Error('again'), { data }))(),
    });
    await scene.run({ data: { to: SECRET } });
    await scene.run({ data: { to: SECRET }, attempt: 3 });
    expect(scene.logger.text).toContain('failed for good');
    expect(scene.logger.text).not.toContain(SECRET);
  });

  it('has no arguments of a Redis command if a handler throws an error of ioredis', async () => {
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
