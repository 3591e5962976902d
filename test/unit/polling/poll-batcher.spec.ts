import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PollRequest, PollResult, Settlement } from '../../../lib/drivers/queue-driver.interface.js';
import { PollBatcher } from '../../../lib/polling/poll-batcher.js';
import { deferred } from '../../support/deferred.js';
import { POLL_LIMITS } from '../../support/poll-limits.js';

const complete = (id: number): Settlement => ({ kind: 'complete', id: `${id}`, fence: id });
const fail = (id: number): Settlement => ({ kind: 'fail', id: `${id}`, fence: id, error: 'no' });
const requeue = (fence: number): Settlement => ({
  kind: 'release',
  id: `${fence}`,
  fence,
  delay: 0,
  position: 'front',
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('PollBatcher', () => {
  let sent: PollRequest[];
  let closed: boolean;
  let batcher: PollBatcher;

  const fencesOf = (request: PollRequest | undefined): number[] => request!.settlements.map(({ fence }) => fence);
  const send = (limit = 0) => {
    expect(batcher.mayPoll).toBe(true);
    const poll = batcher.send(limit, false);
    poll.reply.catch(() => undefined);
    return poll;
  };

  beforeEach(() => {
    sent = [];
    closed = false;
    batcher = new PollBatcher({
      queue: 'mail',
      id: 'consumer',
      limits: POLL_LIMITS,
      poll: (request) => {
        sent.push(request);
        return deferred<PollResult>().promise;
      },
      note: async () => true,
      close: async () => void (closed = true),
    });
  });

  it('sends the settlements with the next poll', () => {
    for (const settlement of [complete(1), fail(2), complete(3)]) batcher.settle(settlement);
    expect(batcher.hasSettlements).toBe(true);
    batcher.send(5, true);
    expect(sent).toEqual([{ settlements: [complete(1), complete(3), fail(2)], limit: 5, recovered: true }]);
    expect(batcher.hasSettlements).toBe(false);
  });

  it('allows as many polls under way as the driver does', () => {
    const first = send(1);
    const second = send(1);
    expect(batcher.mayPoll).toBe(false);
    expect(batcher.inFlight).toEqual([first, second]);
    batcher.done(first);
    expect(batcher.mayPoll).toBe(true);
    expect(batcher.inFlight).toEqual([second]);
  });

  it('splits settlements at the limits of the driver', () => {
    for (const id of range(1, 301)) batcher.settle(complete(id));
    for (const id of range(1_001, 1_126)) batcher.settle(fail(id));
    for (let i = 0; i < 3; i++) batcher.done(send());
    expect(fencesOf(sent[0])).toEqual(range(1, 300));
    expect(fencesOf(sent[1])).toEqual([301, ...range(1_001, 1_125)]);
    expect(fencesOf(sent[2])).toEqual([1_126]);
    expect(batcher.hasSettlements).toBe(false);
  });

  it('keeps the settlements of a failed poll in front of later settlements', () => {
    for (const settlement of [complete(1), fail(2)]) batcher.settle(settlement);
    const poll = send();
    for (const settlement of [complete(3), fail(4)]) batcher.settle(settlement);
    batcher.failed(poll);
    expect(batcher.inFlight).toEqual([]);
    send();
    expect(fencesOf(sent[1])).toEqual([1, 3, 2, 4]);
  });

  it('drops all settlements with forget()', () => {
    for (const settlement of [complete(1), fail(2), requeue(3)]) batcher.settle(settlement);
    batcher.forget();
    expect(batcher.hasSettlements).toBe(false);
  });

  it('gives up the lease when it is closed', async () => {
    await batcher.close();
    expect(closed).toBe(true);
  });

  it('marks the polls under way when their jobs are to be requeued, and no later poll', () => {
    const poll = send(1);
    batcher.requeueArrivals();
    expect([poll.requeueJobs, send(1).requeueJobs]).toEqual([true, false]);
  });

  describe('with jobs to requeue', () => {
    it('sends them last, ascending by fencing token', () => {
      for (const fence of [5, 1, 3]) batcher.settle(requeue(fence));
      batcher.settle(complete(9));
      send();
      expect(fencesOf(sent[0])).toEqual([9, 1, 3, 5]);
    });

    it('requeues the newest jobs first, if they need more than one poll', () => {
      for (const fence of range(1, 126)) batcher.settle(requeue(fence));
      batcher.done(send());
      send();
      expect(sent.map(fencesOf)).toEqual([range(2, 126), [1]]);
    });

    it('waits until no other poll is under way, and sends no other poll meanwhile', () => {
      const claiming = send(1);
      batcher.settle(requeue(1));
      expect(batcher.mayPoll).toBe(false);
      batcher.done(claiming);
      const requeuing = send();
      expect(batcher.mayPoll).toBe(false);
      batcher.done(requeuing);
      expect(batcher.mayPoll).toBe(true);
    });

    it('claims with the same poll only if the poll requeues all of them', () => {
      expect(batcher.mayClaim).toBe(true);
      for (const fence of range(1, 125)) batcher.settle(requeue(fence));
      expect(batcher.mayClaim).toBe(true);
      batcher.settle(fail(1_000));
      expect(batcher.mayClaim).toBe(false);
    });

    it('counts completions for the limit of one poll', () => {
      for (const id of range(1, 300)) batcher.settle(complete(id));
      expect(batcher.mayClaim).toBe(true);
      batcher.settle(requeue(400));
      expect(batcher.mayClaim).toBe(false);
      send();
      expect(fencesOf(sent[0])).toEqual(range(1, 300));
      // The poll requeued nothing, so another one may follow once it is answered.
      batcher.done(batcher.inFlight[0]!);
      send();
      expect(fencesOf(sent[1])).toEqual([400]);
    });

    it('keeps their order when a poll failed', () => {
      for (const fence of [1, 3]) batcher.settle(requeue(fence));
      const poll = send();
      batcher.settle(requeue(2));
      batcher.failed(poll);
      send();
      expect(fencesOf(sent[1])).toEqual([1, 2, 3]);
    });
  });
});
