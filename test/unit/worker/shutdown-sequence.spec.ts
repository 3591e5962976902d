import { beforeEach, describe, expect, it } from '@jest/globals';
import { Condition } from '../../../lib/support/condition.js';
import { ShutdownSequence, type ShutdownTarget } from '../../../lib/worker/shutdown-sequence.js';
import { deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';

/** Records the calls of the sequence. */
class RecordingTarget implements ShutdownTarget {
  readonly changed = new Condition();
  readonly did: string[] = [];
  idle = false;
  flushed = false;
  closing: Promise<void> = Promise.resolve();

  set(state: { idle?: boolean; flushed?: boolean }): void {
    Object.assign(this, state);
    this.changed.notify();
  }

  isIdle = (): boolean => this.idle;
  isFlushed = (): boolean => this.flushed;
  abortJobs = (): void => void this.did.push('abort');
  requeueJobs = (): void => void this.did.push('requeue');

  async stopClaiming(): Promise<void> {
    this.did.push('stop claiming');
  }

  async close(): Promise<void> {
    this.did.push('close');
    await this.closing;
  }
}

describe('ShutdownSequence', () => {
  let clock: FakeClock;
  let target: RecordingTarget;
  let sequence: ShutdownSequence;
  let over: boolean;

  const run = (timeout: number): void => {
    sequence = new ShutdownSequence(target, clock);
    over = false;
    void sequence.run().then(() => (over = true));
    sequence.hasten(timeout);
  };

  beforeEach(() => {
    clock = new FakeClock();
    target = new RecordingTarget();
  });

  it('stops claiming, waits for jobs, settles and closes, in this order', async () => {
    run(30_000);
    await clock.advance(29);
    expect(target.did).toEqual(['stop claiming']);
    target.set({ idle: true });
    await clock.advance(1);
    expect(target.did).toEqual(['stop claiming']);
    target.set({ flushed: true });
    await clock.advance(0);
    expect(target.did).toEqual(['stop claiming', 'close']);
    expect(over).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('aborts jobs at the timeout, and requeues the jobs that still run half a second later', async () => {
    run(30_000);
    await clock.advance(30);
    expect(target.did).toEqual(['stop claiming', 'abort']);
    await clock.advance(0.499);
    expect(target.did).toEqual(['stop claiming', 'abort']);
    await clock.advance(0.001);
    expect(target.did).toEqual(['stop claiming', 'abort', 'requeue']);
    target.set({ idle: true, flushed: true });
    await clock.advance(0);
    expect(target.did).toEqual(['stop claiming', 'abort', 'requeue', 'close']);
  });

  it('closes as soon as the aborted jobs have ended', async () => {
    run(1_000);
    await clock.advance(1.1);
    target.set({ idle: true, flushed: true });
    await clock.advance(0);
    expect(over).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('waits at most five seconds for the storage', async () => {
    target.set({ idle: true });
    run(30_000);
    await clock.advance(4.999);
    expect(target.did).toEqual(['stop claiming']);
    await clock.advance(0.001);
    expect(target.did).toEqual(['stop claiming', 'close']);
    expect(over).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('waits at most a second until the leases are given up', async () => {
    target.closing = deferred().promise;
    target.set({ idle: true, flushed: true });
    run(30_000);
    await clock.advance(0.999);
    expect(over).toBe(false);
    await clock.advance(0.001);
    expect(over).toBe(true);
  });

  it('waits for jobs without an end if the timeout is Infinity', async () => {
    run(Infinity);
    await clock.advance(1_000_000);
    expect(target.did).toEqual(['stop claiming']);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['the first', [10_000, 20_000], 10],
    ['the second', [20_000, 10_000], 10],
    ['the finite one', [Infinity, 10_000], 10],
    ['the one of 0', [20_000, 0], 0],
  ])('uses the shorter one of two timeouts: %s', async (_name, [first, second], seconds) => {
    run(first!);
    sequence.hasten(second!);
    if (seconds > 0) await clock.advance(seconds - 0.001);
    expect(target.did).not.toContain('abort');
    await clock.advance(0.001);
    expect(target.did).toContain('abort');
  });

  it('counts each timeout from its own call', async () => {
    run(10_000);
    await clock.advance(8);
    sequence.hasten(3_000);
    await clock.advance(1.999);
    expect(target.did).not.toContain('abort');
    await clock.advance(0.001);
    expect(target.did).toContain('abort');
  });

  it('arms no timer for a wait that has ended', async () => {
    target.set({ idle: true });
    run(30_000);
    await clock.advance(1);
    sequence.hasten(20_000);
    target.set({ flushed: true });
    await clock.advance(0);
    expect(over).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
