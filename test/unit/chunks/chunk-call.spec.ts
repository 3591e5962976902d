import { beforeEach, describe, expect, it } from '@jest/globals';
import { ChunkCall, type Seat } from '../../../lib/chunks/chunk-call.js';
import type { ChunkItem } from '../../../lib/job/chunk-item.interface.js';
import { JobContext, JobControl } from '../../../lib/job/job-context.js';
import { deferred } from '../../support/deferred.js';
import { thrower } from '../../support/thrower.js';

describe('ChunkCall', () => {
  let begun: number;
  let calls: (readonly ChunkItem[])[];
  const controls = new Map<string, JobControl>();

  beforeEach(() => {
    begun = 0;
    calls = [];
  });

  const open = (size: number): ChunkCall =>
    new ChunkCall('mail', 'Index', size, (call) => {
      begun++;
      void call.run();
    });
  const sit = (seat: Seat, id: string): void => {
    const control = new JobControl(3);
    controls.set(id, control);
    seat.sit(
      new JobContext({ name: 'Index', queue: 'mail', job: { id, attempt: 1, fence: 1, pushedAt: 0 } }, control, id),
      control,
    );
  };
  const handle = (items: readonly ChunkItem[]): void => void calls.push(items);
  const ids = (): string[][] => calls.map((items) => items.map(({ job }) => job.id));

  it('begins when all attempts have joined, once', async () => {
    const call = open(2);
    const [a, b] = [call.reserve(), call.reserve()];
    sit(a, 'a');
    const end = a.join(handle);
    sit(b, 'b');
    expect(begun).toBe(0);
    await Promise.all([b.join(handle), end]);
    expect({ begun, ids: ids() }).toEqual({ begun: 1, ids: [['a', 'b']] });
    expect(call.ids).toBe('a and 1 more');
  });

  it('does not wait for attempts that have left, before they had a seat or after', async () => {
    const call = open(4);
    const [a, b, c, d] = [call.reserve(), call.reserve(), call.reserve(), call.reserve()];
    sit(a, 'a');
    sit(b, 'b');
    sit(c, 'c');
    const end = a.join(handle);
    void b.join(handle);
    b.leave();
    b.leave();
    d.leave();
    await call.gathered;
    expect(begun).toBe(0);
    c.leave();
    await end;
    expect(ids()).toEqual([['a']]);
  });

  it('is not made if nobody has joined', async () => {
    const call = open(2);
    const [a, b] = [call.reserve(), call.reserve()];
    sit(a, 'a');
    void a.join(handle);
    a.leave();
    b.leave();
    await call.gathered;
    expect(begun).toBe(0);
  });

  it('tells its items to who asks before it begins', () => {
    const call = open(2);
    const [a, b] = [call.reserve(), call.reserve()];
    sit(a, 'a');
    sit(b, 'b');
    expect(call.context.items.map(({ data }) => data)).toEqual(['a', 'b']);
    expect([call.context.name, call.context.queue]).toEqual(['Index', 'mail']);
  });

  it('shares what is made once', () => {
    const call = open(2);
    const made = [{}, {}];
    expect(call.share(() => made[0])).toBe(call.share(() => made[1]));
  });

  it('waits for the end of an unfinished result', async () => {
    const call = open(1);
    const seat = call.reserve();
    sit(seat, 'a');
    let ended = false;
    const work = async function* () {
      yield await Promise.resolve(1);
      ended = true;
    };
    await seat.join(work);
    expect(ended).toBe(true);
  });

  it('ends with the first error that reached it, of its code or from outside', async () => {
    const call = open(1);
    const seat = call.reserve();
    sit(seat, 'a');
    const work = deferred();
    const end = seat.join(() => work.promise);
    expect(call.fail(new Error('nobody caught it'))).toBe(true);
    await expect(end).rejects.toThrow('nobody caught it');
    work.resolve();
    await work.promise;
    expect(call.fail(new Error('too late'))).toBe(false);
  });

  it('wraps what is thrown and no error', async () => {
    const call = open(1);
    const seat = call.reserve();
    sit(seat, 'a');
    const end = seat.join(thrower('a text'));
    await expect(end).rejects.toBeInstanceOf(Error);
  });

  it('has a signal that is aborted when those of all items are, with the reason of the last one', () => {
    const call = open(2);
    const [a, b] = [call.reserve(), call.reserve()];
    sit(a, 'a');
    sit(b, 'b');
    controls.get('a')!.abort(new Error('first'));
    const { signal } = call.context;
    expect(signal.aborted).toBe(false);
    controls.get('b')!.abort(new Error('last'));
    expect(signal.reason).toMatchObject({ message: 'last' });
  });
});
