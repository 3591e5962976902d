import { afterEach, describe, expect, it } from '@jest/globals';
import type { OutboxMessage, PushOptions } from 'nestjs-job-queue';
import { QueueOutboxTransport } from '../../../lib/outbox/queue-outbox-transport.js';
import { BulkJob, ManagerScene } from '../dispatch/manager-scene.js';

let scene: ManagerScene;

afterEach(() => scene.close());

/** A message as `@nestjs/outbox` 0.1 gives it to its transports. */
const MESSAGE = {
  id: '018f2b6e-7a1c-7000-8000-000000000001',
  topic: BulkJob.name,
  payload: { order: 4711 },
  headers: { tenant: 'acme', retries: 3 } as Record<string, unknown>,
  key: null,
  createdAt: new Date(0),
  availableAt: new Date(0),
  attempts: 0,
  lastError: null,
};

/** The abstract class of that package, by its form. */
abstract class OutboxTransport {
  abstract publish(message: typeof MESSAGE, options: { signal: AbortSignal }): Promise<void>;
}

const signal = new AbortController().signal;

describe('QueueOutboxTransport', () => {
  it('pushes the topic by its name, with the payload, the id, and the headers that are texts', async () => {
    scene = new ManagerScene();
    const transport: OutboxTransport = new QueueOutboxTransport(scene.manager);
    await transport.publish(MESSAGE, { signal });
    expect(await scene.manager.getJob(MESSAGE.id)).toMatchObject({
      name: 'BulkJob',
      data: { order: 4711 },
      metadata: { tenant: 'acme' },
    });
  });

  it('adds nothing if a message is published again', async () => {
    scene = new ManagerScene();
    const transport = new QueueOutboxTransport(scene.manager);
    for (let i = 0; i < 3; i++) await transport.publish(MESSAGE, { signal });
    expect(await scene.manager.counts()).toMatchObject({ ready: 1 });
  });

  it('rejects a topic that nobody knows, unless a subclass gives a queue', async () => {
    scene = new ManagerScene();
    const message: OutboxMessage = { id: 'a', topic: 'elsewhere', payload: 1 };
    await expect(new QueueOutboxTransport(scene.manager).publish(message)).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_JOB',
    });
    class ToMail extends QueueOutboxTransport {
      protected override optionsOf(given: OutboxMessage): PushOptions {
        return { ...super.optionsOf(given), queue: 'mail' };
      }
    }
    await new ToMail(scene.manager).publish(message);
    expect(await scene.manager.counts('mail')).toMatchObject({ ready: 1 });
  });

  it('pushes nothing if it is told to stop', async () => {
    scene = new ManagerScene();
    const aborted = AbortSignal.abort(new Error('the relay stops'));
    await expect(new QueueOutboxTransport(scene.manager).publish(MESSAGE, { signal: aborted })).rejects.toThrow(
      'the relay stops',
    );
    expect(await scene.manager.counts()).toMatchObject({ ready: 0 });
  });
});
