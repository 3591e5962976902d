import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { defineJob, Job, jobSpec, QueueManager, type JobHandlerOf } from 'nestjs-job-queue';
import { fakeQueue, QueueTestingModule, type FakeQueue } from 'nestjs-job-queue/testing';

const Count = defineJob<{ number: number }>('count', { queue: 'events' });
const seen: number[] = [];

@Job(Count)
class CountHandler implements JobHandlerOf<typeof Count> {
  handle({ number }: { number: number }): void {
    seen.push(number);
  }
}

describe('the queue under test of an application whose queue has partitions', () => {
  let app: TestingModule;
  let fake: FakeQueue;
  let queue: QueueManager;

  beforeEach(async () => {
    seen.splice(0);
    app = await Test.createTestingModule({
      imports: [QueueTestingModule.forRoot({ queues: { events: { partitions: 8 } } })],
      providers: [CountHandler],
    }).compile();
    await app.init();
    fake = fakeQueue(app);
    queue = app.get(QueueManager);
  });
  afterEach(() => app.close());

  it('tells the queue of each push, and runs what is ready and what becomes due', async () => {
    for (let number = 0; number < 20; number++) await queue.push(Count, { number });
    for (let number = 20; number < 30; number++) await queue.later(Count, { number }, '5m');
    fake.assertPushedTimes(Count, 30);
    fake.assertPushedOn('events', Count);
    expect(fake.pushed(Count).every((push) => push.queue === 'events')).toBe(true);
    await fake.drain();
    expect(seen).toHaveLength(20);
    await fake.travel('5m');
    expect(seen).toHaveLength(30);
    await queue.chain([jobSpec(Count, { number: 100 }), jobSpec(Count, { number: 101 })]);
    fake.assertChained([Count, Count]);
    await fake.drain();
    expect(seen.slice(30)).toEqual([100, 101]);
    const id = await queue.later(Count, { number: 102 }, '1d');
    await fake.settled(id);
    expect(seen.at(-1)).toBe(102);
  });
});
