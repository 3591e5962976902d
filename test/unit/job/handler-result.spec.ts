import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, of, throwError } from 'rxjs';
import { isUnfinished, runToEnd, settle } from '../../../lib/job/handler-result.js';
import { InvalidJobError } from '../../../lib/queue.errors.js';

const error = new Error('no luck');
const running = (): { signal: AbortSignal } => new AbortController();

async function* later(fails = false): AsyncGenerator<number, string> {
  yield 1;
  await Promise.resolve();
  if (fails) throw error;
  yield 2;
  return 'end';
}

describe('isUnfinished()', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'text'],
    ['a list', [1]],
    ['a map', new Map()],
    ['a set', new Set()],
    ['a buffer', Buffer.from('a')],
    ['an object', { next: 1 }],
    ['an object without a prototype', Object.create(null) as object],
    ['a date', new Date()],
  ])('is false for %s', (_, result) => {
    expect(isUnfinished(result)).toBe(false);
  });
});

describe('settle()', () => {
  it.each<[string, unknown, unknown]>([
    ['the last value of an observable', of(1, 2), 2],
    ['nothing of an empty observable', EMPTY, undefined],
    ['the last value of an observable in a promise', Promise.resolve(of(1, 2)), 2],
    ['the last value of an observable of another library', { '@@observable': () => of(3) }, 3],
    ['the result of an async generator', later(), 'end'],
    [
      'the last value of a generator that yields promises',
      (function* () {
        yield Promise.resolve(1);
        yield Promise.resolve(2);
      })(),
      2,
    ],
    ['the last value of an async iterable', { [Symbol.asyncIterator]: () => later() }, 'end'],
    ['the last chunk of a stream', Readable.from(['a', 'b']), 'b'],
    ['any other value', 'text', 'text'],
    ['the value of a thenable', { then: (resolve: (value: number) => void) => resolve(4) }, 4],
  ])('resolves with %s', async (_, result, value) => {
    expect(await settle(result, running())).toEqual(value);
  });

  it.each<[string, unknown]>([
    ['an observable', throwError(() => error)],
    ['an async generator', later(true)],
    [
      'a generator that yields a rejection',
      (function* () {
        yield Promise.reject(error);
      })(),
    ],
    [
      'a stream',
      new Readable({
        read() {
          this.destroy(error);
        },
      }),
    ],
  ])('rejects with the error of %s', async (_, result) => {
    await expect(settle(result, running())).rejects.toBe(error);
  });

  it('refuses a stream that is written to, by name', async () => {
    const target = new Writable();
    await expect(settle(target, running())).rejects.toThrow(/an instance of Writable.*await pipeline/);
    await expect(settle(target, running())).rejects.toBeInstanceOf(InvalidJobError);
  });
});

describe('runToEnd()', () => {
  it('unsubscribes and rejects with the reason when the signal is aborted', async () => {
    const control = new AbortController();
    let unsubscribed = false;
    const end = runToEnd(new Observable(() => () => (unsubscribed = true)), control);
    control.abort(error);
    await expect(end).rejects.toBe(error);
    expect(unsubscribed).toBe(true);
  });

  it('does not begin if the signal is aborted already', async () => {
    let subscribed = false;
    const source = new Observable(() => void (subscribed = true));
    await expect(runToEnd(source, { signal: AbortSignal.abort(error) })).rejects.toBe(error);
    expect(subscribed).toBe(false);
  });

  it('lets a generator run its finally block when the signal is aborted', async () => {
    const control = new AbortController();
    const trace: string[] = [];
    let reached!: () => void;
    const isWaiting = new Promise<void>((resolve) => (reached = resolve));
    async function* work(): AsyncGenerator<void> {
      try {
        for (;;) {
          await Promise.resolve();
          reached();
          yield;
        }
      } finally {
        trace.push('closed');
      }
    }
    const end = runToEnd(work(), control);
    await isWaiting;
    control.abort(error);
    await expect(end).rejects.toBe(error);
    await new Promise(setImmediate);
    expect(trace).toEqual(['closed']);
  });

  it('closes a stream that waits for data when the signal is aborted', async () => {
    const control = new AbortController();
    const source = new Readable({ read() {} });
    const end = runToEnd(source, control);
    control.abort(error);
    await expect(end).rejects.toBe(error);
    expect(source.destroyed).toBe(true);
  });

  it('leaves no listener on the signal', async () => {
    const control = new AbortController();
    await runToEnd(of(1), control);
    const end = runToEnd(NEVER, control);
    control.abort(error);
    await expect(end).rejects.toBe(error);
  });
});
