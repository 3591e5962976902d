import { describe, expect, test } from '@jest/globals';
import { defineJob, Job, QueueAdmin, QueueModule, type JobContext, type JobHandlerOf } from 'nestjs-job-queue';
import { startQueueApp, useSeen } from './queue-app.js';

interface Order {
  readonly customer: string;
  readonly number: number;
}

const seen = useSeen() as string[];

const Ship = defineJob<Order>('ship-order', { group: ({ customer }) => customer, maxTries: 2 });

@Job(Ship)
class ShipHandler implements JobHandlerOf<typeof Ship> {
  handle({ number }: Order, job: JobContext): void {
    seen.push(`${job.group} ${number}`);
    if (number === 13 && job.attempt === 1) throw new Error('no luck');
  }
}

@Job({ group: (job: Picture) => job.folder })
class Picture {
  constructor(private readonly path: string) {}

  get folder(): string | undefined {
    return this.path.includes('/') ? this.path.split('/')[0] : undefined;
  }

  handle(job: JobContext): void {
    seen.push(`${job.group}: ${this.path}`);
  }
}

const start = () => startQueueApp({ providers: [ShipHandler], imports: [QueueModule.forFeature([Picture])] });

describe('the group of a job', () => {
  test('is served in turn with the others, and is told to the handler in each attempt', async () => {
    const app = await start();
    await app.queue.pushMany(
      Ship,
      [1, 13, 3].map((number) => ({ customer: 'acme', number })),
    );
    await app.queue.push(Ship, { customer: 'tiny', number: 4 });
    await app.run();
    await app.run();
    expect(seen).toEqual(['acme 1', 'tiny 4', 'acme 13', 'acme 3', 'acme 13']);
  });

  test('is made by the instance that carries its data', async () => {
    const app = await start();
    await app.queue.pushMany([new Picture('a/1'), new Picture('a/2'), new Picture('b/1'), new Picture('alone')]);
    await app.run();
    expect(seen.toSorted()).toEqual(['a: a/1', 'a: a/2', 'b: b/1', 'undefined: alone']);
  });

  test('is told by lists, by lookups, and to who pops a job', async () => {
    const app = await start();
    const admin = app.app.get(QueueAdmin);
    const id = await app.queue.push(Ship, { customer: 'acme', number: 1 });
    await app.queue.push(Ship, { customer: 'tiny', number: 2 }, { group: 'other' });
    expect(await admin.job(id)).toMatchObject({ group: 'acme', options: { group: 'acme' } });
    const { jobs, total } = await admin.jobs('default', 'queued');
    expect([jobs.map(({ group }) => group), total]).toEqual([['acme', 'other'], 2]);
    expect(await app.queue.counts()).toEqual({ ready: 2, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    const job = await app.queue.pop();
    expect(job).toMatchObject({ id, group: 'acme' });
    await job!.complete();
  });

  test('tells which jobs to cancel', async () => {
    const app = await start();
    const admin = app.app.get(QueueAdmin);
    await app.queue.pushMany(
      Ship,
      ['acme', 'tiny', 'acme'].map((customer, number) => ({ customer, number })),
    );
    await app.queue.later(Ship, { customer: 'acme', number: 9 }, '1h');
    await app.queue.push(new Picture('acme'));
    expect(await admin.cancelAll('default', { group: 'acme' })).toBe(3);
    expect(await admin.cancelAll('default', { group: 'acme' })).toBe(0);
    await app.run();
    expect(seen.toSorted()).toEqual(['tiny 1', 'undefined: acme']);
    await expect(admin.cancelAll('default', { group: '' })).rejects.toThrow('group');
  });
});
