import { describe, expect, it } from '@jest/globals';
import { useRedis } from '../../support/use-redis.js';
import { QUEUE, WorkerScene } from './scene.js';
import { RedisStage } from './stage.js';

describe('dangling ids in a list of redis', () => {
  const redis = useRedis();
  const scene = new WorkerScene(new RedisStage(redis));

  it('are dropped with a warning each, and the jobs between them run', async () => {
    const done: number[] = [];
    scene.define({ Count: { handle: (data: number) => done.push(data) } });
    await redis.client.rpush(`queue:${QUEUE}`, 'foreign', '{"uuid":1}\u001b[31m\n');
    await scene.pushMany(2, 'Count');
    await redis.client.rpush(`queue:${QUEUE}`, 'x'.repeat(10_000));
    await scene.pushMany(1, 'Count');
    await (await scene.worker({ worker: { concurrency: 2 } })).run({ stopWhenEmpty: true });
    expect(done).toEqual([1, 2, 1]);
    expect(scene.logger.of('warn')).toEqual([
      'Queue default held "foreign", which is the id of no job: dropped',
      'Queue default held "{\\"uuid\\":1}\\u001b[31m\\n", which is the id of no job: dropped',
      `Queue default held "${'x'.repeat(80)}", which is the id of no job: dropped`,
    ]);
    expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it('are dropped if the list contains nothing else', async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `foreign-${index}`);
    await redis.client.rpush(`queue:${QUEUE}`, ...ids);
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    expect(scene.logger.of('warn')).toHaveLength(1_000);
  });

  it('are dropped if the record of their job was deleted', async () => {
    const [id] = await scene.pushMany(1, 'Count');
    await redis.client.hdel(`queue:${QUEUE}:jobs`, id!);
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    expect(scene.logger.of('warn')).toEqual([expect.stringContaining(id!)]);
  });
});
