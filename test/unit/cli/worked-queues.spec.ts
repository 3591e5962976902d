import { describe, expect, test } from '@jest/globals';
import { notWorkedWarning, queuesNotWorked, workedQueues } from '../../../lib/cli/worked-queues.js';
import { resolveOptions } from '../../../lib/index.js';

const APPLICATION = {
  options: resolveOptions({ driver: 'array', default: 'letters' }),
  jobQueues: ['emails', 'images', 'letters'],
};

describe('workedQueues', () => {
  test('returns the queues of the command line in their order', () => {
    expect(workedQueues(['low', 'high'], APPLICATION)).toEqual(['low', 'high']);
  });

  test('returns the default queue of the application if the command line names none', () => {
    expect(workedQueues([], APPLICATION)).toEqual(['letters']);
  });
});

describe('queuesNotWorked', () => {
  test('returns the queues that job classes name and the command does not work', () => {
    expect(queuesNotWorked(['letters', 'other'], APPLICATION)).toEqual(['emails', 'images']);
  });

  test('returns no queue if the command works all of them', () => {
    expect(queuesNotWorked(['images', 'letters', 'emails'], APPLICATION)).toEqual([]);
  });
});

describe('notWorkedWarning', () => {
  test('is undefined if every queue is worked', () => {
    expect(notWorkedWarning([])).toBeUndefined();
  });

  test('names one queue', () => {
    expect(notWorkedWarning(['images'])).toBe(
      'Queue images is named by job classes but not worked here: its jobs wait for another worker',
    );
  });

  test('names several queues', () => {
    expect(notWorkedWarning(['emails', 'images'])).toBe(
      'Queues emails, images are named by job classes but not worked here: their jobs wait for another worker',
    );
  });
});
