import { describe, expect, test } from '@jest/globals';
import { CLOCK, Job } from 'nestjs-job-queue';
import { FakeClock } from '../../support/fake-clock.js';
import { buildQueueApp, initQueueApp, useSeen } from './queue-app.js';

interface Changes {
  readonly product: string;
  readonly fields: readonly string[];
}

const seen = useSeen();

@Job({
  debounce: {
    key: ({ product }: Changes) => product,
    wait: '10s',
    maxWait: '25s',
    merge: (waiting, pushed) => ({ ...pushed, fields: [...waiting.fields, ...pushed.fields] }),
  },
})
class IndexJob {
  handle({ product, fields }: Changes): void {
    seen.push(`${product}: ${fields.join(' ')}`);
  }
}

describe('a debounced job', () => {
  test('runs once when pushes have stopped, or its longest time is over, with the data of all of them', async () => {
    const clock = new FakeClock(Date.UTC(2030, 0, 1));
    const builder = buildQueueApp({ providers: [IndexJob] });
    const app = await initQueueApp(await builder.overrideProvider(CLOCK).useValue(clock).compile());
    const push = (field: string) => app.queue.dispatch(IndexJob, { product: 'a', fields: [field] });
    const { id, outcome } = await push('1');
    expect(outcome).toBe('delayed');
    for (const field of ['2', '3', '4']) {
      await clock.advance(6);
      await app.run();
      expect(await push(field)).toEqual({ id, outcome: 'replaced' });
    }
    expect(seen).toEqual([]);
    await clock.advance(7);
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    expect(seen).toEqual(['a: 1 2 3 4']);
    expect((await push('5')).outcome).toBe('delayed');
    await clock.advance(10);
    await app.run();
    expect(seen).toEqual(['a: 1 2 3 4', 'a: 5']);
  });
});
