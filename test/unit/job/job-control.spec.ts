import { describe, expect, it, jest } from '@jest/globals';
import { JobControl } from '../../../lib/job/job-control.js';

describe('JobControl', () => {
  it('has asked for nothing at first', () => {
    const control = new JobControl(3);
    expect(control.maxTries).toBe(3);
    expect(control.verdict).toBeUndefined();
    expect(control.aborted).toBeUndefined();
    expect(control.signal.aborted).toBe(false);
  });

  it('gives the same signal each time', () => {
    const control = new JobControl(3);
    expect(control.signal).toBe(control.signal);
  });

  it('aborts the signal that was looked at before', () => {
    const control = new JobControl(3);
    const listener = jest.fn();
    control.signal.addEventListener('abort', listener);
    const reason = new Error('too long');
    control.abort(reason);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(control.signal.reason).toBe(reason);
    expect(control.aborted).toBe(reason);
  });

  it('has aborted the signal that is looked at later', () => {
    const control = new JobControl(3);
    const reason = new Error('too long');
    control.abort(reason);
    expect(control.signal.aborted).toBe(true);
    expect(control.signal.reason).toBe(reason);
  });

  it('aborts once: the first reason counts', () => {
    const control = new JobControl(3);
    const first = new Error('first');
    control.abort(first);
    control.abort(new Error('second'));
    expect(control.aborted).toBe(first);
    expect(control.signal.reason).toBe(first);
  });

  it('keeps what was asked for last', () => {
    const control = new JobControl(3);
    control.release(5);
    expect(control.verdict).toEqual({ kind: 'release', delay: 5 });
    const error = new Error('no');
    control.fail(error);
    expect(control.verdict).toEqual({ kind: 'fail', error });
    control.release(0);
    expect(control.verdict).toEqual({ kind: 'release', delay: 0 });
  });

  it('makes an error of whatever it is to fail with', () => {
    const control = new JobControl(3);
    control.fail('no luck');
    expect(control.verdict).toMatchObject({ kind: 'fail', error: { message: 'no luck' } });
  });
});
