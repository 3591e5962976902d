import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { deferred } from '../support/deferred.js';
import { eventually } from '../support/eventually.js';
import { RunnableExamples } from './run-examples.js';

describe('stopOnUncaughtError() of the chapter on crashes', () => {
  const examples = new RunnableExamples();

  afterEach(() => {
    jest.restoreAllMocks();
    process.removeAllListeners('uncaughtException');
  });

  it('closes the application once, logs each error, and then ends the process with 1', async () => {
    const { stopOnUncaughtError } = await examples.load<{ stopOnUncaughtError(app: object): void }>(
      'stop-on-uncaught-error',
    );
    const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as () => never);
    const log = jest.spyOn(console, 'error').mockImplementation(() => {});
    const closed = deferred();
    const close = jest.fn(() => closed.promise);
    stopOnUncaughtError({ close });

    process.emit('uncaughtException', new Error('first'));
    process.emit('uncaughtException', new Error('second'));

    expect(close).toHaveBeenCalledTimes(1);
    expect(log.mock.calls).toEqual([[new Error('first')], [new Error('second')]]);
    expect(exit).not.toHaveBeenCalled();
    closed.resolve();
    await eventually(() => expect(exit.mock.calls).toEqual([[1]]));
  });
});
