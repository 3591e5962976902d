import { describe, expect, jest, test } from '@jest/globals';
import { CrashStop } from '../../../lib/cli/crash-stop.js';
import { trackAttempts, type TrackedAttempt } from '../../../lib/support/attempt-tracker.js';
import { eventually } from '../../support/eventually.js';

describe('CrashStop', () => {
  const tracker = trackAttempts();
  const job = { id: '7', name: 'SendEmailJob', queue: 'emails' };

  const scene = (shutdownTimeout = 25) => {
    const lines: string[] = [];
    const stop = jest.fn<(options?: object) => Promise<void>>(async () => {});
    const logger = { fatal: (...parts: unknown[]) => void lines.push(parts.filter(Boolean).join(' ')) };
    const { handle } = new CrashStop({ worker: { stop }, logger, tracker, shutdownTimeout, exit: () => {} });
    return { lines, stop, handle };
  };

  test.each([
    [25, 10],
    [3, 3],
  ])('with a shutdownTimeout of %d stops the worker once, within %d s', async (shutdownTimeout, timeout) => {
    const { handle, stop } = scene(shutdownTimeout);
    handle(new Error('first'), 1);
    handle(new Error('second'), 2);
    await eventually(() => expect(stop.mock.calls).toEqual([[{ timeout }]]));
  });

  test('lets the attempt that is failed end before it stops the worker', async () => {
    const { handle, stop, lines } = scene();
    const order: string[] = [];
    stop.mockImplementation(async () => void order.push('stop'));
    const fail = (): boolean => {
      void Promise.resolve().then(() => order.push('attempt ended'));
      return true;
    };
    tracker.run({ ...job, fail }, () => handle(new Error('mine'), 1));
    await eventually(() => expect(order).toEqual(['attempt ended', 'stop']));
    expect(lines[0]).toContain('An error of job SendEmailJob 7 (queue emails) was not caught; the worker stops');
  });

  test('names no job if none is known, and tells if its code had ended', () => {
    const { handle, lines } = scene();
    const ended: TrackedAttempt = { ...job, fail: () => false };
    handle(new Error('of the application'), 2);
    tracker.run(ended, () => handle(new Error('late'), 3));
    expect(lines[0]).toMatch(/^An error was not caught Error: of the application\n/);
    expect(lines[1]).toMatch(
      /^An error of job SendEmailJob 7 \(queue emails, its code had ended\) was not caught Error: late/,
    );
  });

  test('logs an error whose stack cannot be read', () => {
    const { handle, lines } = scene();
    const error = Object.defineProperty(new Error('x'), 'stack', {
      get() {
        throw new Error('no');
      },
    });
    handle(error, 2);
    expect(lines).toEqual(['An error was not caught x queue-worker']);
  });
});
