import { beforeEach, describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { ArrayWaits } from '../../../lib/drivers/array/array-waits.js';
import type {
  JobEnd,
  JobWait,
  QueueWaits,
  WaitListener,
  WaitTerms,
} from '../../../lib/drivers/queue-waits.interface.js';
import type { DispatchResult } from '../../../lib/middleware/dispatch-stage.js';
import { JobWaiter } from '../../../lib/waiting/job-waiter.js';
import { deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';

const COMPLETED: JobEnd = { state: 'completed', isWhole: true, result: '7' };

/** Waits in memory that count what is open. */
class CountedWaits implements QueueWaits {
  open_ = 0;
  /** What a wait finds when it is closed. */
  lastLook: JobEnd | undefined;
  readonly terms: (WaitTerms & { readonly id: string })[] = [];
  readonly inner = new ArrayWaits(() => undefined);

  async open(id: string, terms: WaitTerms, listener: WaitListener): Promise<JobWait> {
    this.terms.push({ id, ...terms });
    const wait = await this.inner.open(id, terms, {
      ended: (end) => {
        this.open_--;
        listener.ended(end);
      },
      failed: (error) => listener.failed(error),
    });
    this.open_++;
    return {
      ...wait,
      close: async () => {
        this.open_--;
        await wait.close();
        return this.lastLook;
      },
    };
  }
}

describe('a waiter', () => {
  let clock: FakeClock;
  let waits: CountedWaits;
  let waiter: JobWaiter;
  let controller: AbortController;
  const limits = () => ({ timeout: 10, signal: controller.signal });
  const stored = async (): Promise<DispatchResult> => ({ id: 'a', outcome: 'queued' });

  beforeEach(() => {
    clock = new FakeClock();
    waits = new CountedWaits();
    waiter = new JobWaiter({ waits }, clock, (_id, text) => JSON.parse(text));
    controller = new AbortController();
  });

  function expectNothingLeft(): void {
    expect(clock.pending).toBe(0);
    expect(waits.open_).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  }

  it('leaves no timer, no listener and no wait, however it ends', async () => {
    const ended = waiter.waitFor('a', limits());
    await clock.advance(1);
    waits.inner.ended('a', COMPLETED);
    expect(await ended).toBe(7);
    expectNothingLeft();

    const late = expect(waiter.waitFor('a', limits())).rejects.toMatchObject({ code: 'ERR_WAIT_TIMEOUT' });
    await clock.advance(11);
    await late;
    expectNothingLeft();

    const refused = waiter.pushAndWait(
      { id: 'a', queue: 'q', isGiven: false, push: () => Promise.reject(new Error('full')) },
      limits(),
    );
    await expect(refused).rejects.toThrow('full');
    expectNothingLeft();

    const closed = expect(waiter.waitFor('a', limits())).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await clock.advance(1);
    waiter.close();
    await closed;
    expectNothingLeft();

    const aborted = expect(waiter.waitFor('a', limits())).rejects.toThrow('enough');
    await clock.advance(1);
    controller.abort(new Error('enough'));
    await aborted;
    expectNothingLeft();
  });

  it('tells the end that it finds when the time is up', async () => {
    waits.lastLook = COMPLETED;
    const waiting = waiter.waitFor('a', limits());
    await clock.advance(11);
    expect(await waiting).toBe(7);
  });

  it('waits for its own time, however long the push takes', async () => {
    const push = deferred<DispatchResult>();
    const waiting = waiter.pushAndWait({ id: 'a', queue: 'q', isGiven: false, push: () => push.promise }, limits());
    const late = expect(waiting).rejects.toMatchObject({ code: 'ERR_WAIT_TIMEOUT', message: /it goes on/ });
    await clock.advance(11);
    await late;
    push.resolve({ id: 'a', outcome: 'queued' });
    await clock.advance(1);
    expectNothingLeft();
  });

  it('pushes nothing if the time is up before the storage knows of the wait', async () => {
    const opening = deferred<JobWait>();
    waits.open = () => opening.promise;
    let pushed = false;
    const push = async () => {
      pushed = true;
      return stored();
    };
    const waiting = waiter.pushAndWait({ id: 'a', queue: 'q', isGiven: false, push }, limits());
    const late = expect(waiting).rejects.toMatchObject({ jobId: 'a', message: 'Job a was not pushed within 10 s' });
    await clock.advance(11);
    await late;
    const closed = deferred();
    opening.resolve({
      arrived() {},
      close: async () => {
        closed.resolve();
        return undefined;
      },
    });
    await closed.promise;
    expect(pushed).toBe(false);
  });

  it('waits for the job that is there already, for the time that is left', async () => {
    const push = deferred<DispatchResult>();
    const waiting = waiter.pushAndWait({ id: 'a', queue: 'q', isGiven: false, push: () => push.promise }, limits());
    await clock.advance(4);
    push.resolve({ id: 'b', outcome: 'duplicate' });
    await clock.advance(1);
    expect(waits.terms).toMatchObject([
      { id: 'a', timeout: 10_000, pushedTo: 'q' },
      { id: 'b', timeout: 6_000 },
    ]);
    expect(waits.terms[1]).not.toHaveProperty('pushedTo');
    waits.inner.ended('b', { state: 'completed', isWhole: false });
    expect(await waiting).toBeUndefined();
    expectNothingLeft();
  });

  it('gives the ticket of its wait to the push of a given id, and hears nothing of that id before', async () => {
    const push = deferred<DispatchResult>();
    const tickets: (string | undefined)[] = [];
    const pushed = {
      id: 'a',
      queue: 'q',
      isGiven: true,
      push: (ticket: string | undefined) => {
        tickets.push(ticket);
        return push.promise;
      },
    };
    const waiting = waiter.pushAndWait(pushed, limits());
    await clock.advance(1);
    waits.inner.ended('a', { state: 'cancelled' });
    waits.inner.stored(tickets[0]!);
    // It may end before its push is answered.
    waits.inner.ended('a', COMPLETED);
    expect(await waiting).toBe(7);
    push.resolve({ id: 'a', outcome: 'queued' });
    await clock.advance(1);
    expectNothingLeft();
  });

  it('does not take a result that is gone for none', async () => {
    const waiting = waiter.pushAndWait({ id: 'a', queue: 'q', isGiven: false, push: stored }, limits());
    const gone = expect(waiting).rejects.toMatchObject({ code: 'ERR_JOB_NOT_FOUND' });
    await clock.advance(1);
    waits.inner.ended('a', { state: 'completed', isWhole: false });
    await gone;
  });
});
