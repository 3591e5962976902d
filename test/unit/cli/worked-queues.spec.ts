import { describe, expect, test } from '@jest/globals';
import { queuesNotWorked, queueWarnings, workedQueues } from '../../../lib/cli/worked-queues.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';

const APPLICATION = {
  options: resolveOptions({ driver: 'array', default: 'letters' }),
  jobQueues: ['emails', 'images', 'letters'],
};

const named = (...queues: string[]) => ({ queues, all: false });
const ALL = { ...named(), all: true };

describe('workedQueues', () => {
  test('returns the queues of the command line in their order', () => {
    expect(workedQueues(named('low', 'high'), APPLICATION)).toEqual(['low', 'high']);
  });

  test('returns the default queue of the application if the command line names none', () => {
    expect(workedQueues(named(), APPLICATION)).toEqual(['letters']);
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

describe('workedQueues with --all', () => {
  test('returns the default queue and every queue that a job class names, each once', () => {
    expect(workedQueues(ALL, APPLICATION)).toEqual(['letters', 'emails', 'images']);
  });
});

describe('queueWarnings', () => {
  const warnings = (given: typeof ALL, withNotWorked = true) => queueWarnings(given, APPLICATION, withNotWorked);

  test('are none if every queue is worked', () => {
    expect(warnings(named('images', 'letters', 'emails'))).toEqual([]);
    expect(warnings(ALL)).toEqual([]);
  });

  test('name one queue that is not worked', () => {
    expect(warnings(named('letters', 'emails'))).toEqual([
      'Queue images is named by job classes but not worked here: its jobs wait for another worker',
    ]);
  });

  test('name several queues, and the cure if the command line names none', () => {
    expect(warnings(named())).toEqual([
      'Queues emails, images are named by job classes but not worked here: their jobs wait for another worker. ' +
        'Without names queue-worker works the default queue alone, letters; name the queues, or work all of them with --all',
    ]);
  });

  test.each([
    ['emials', 'emails'],
    ['email', 'emails'],
    ['Emails', 'emails'],
    ['image', 'images'],
    ['leters', 'letters'],
  ])('say that no class names %s, and name %s', (given, meant) => {
    expect(warnings(named(given), false)).toEqual([
      `No job class names the queue ${given}, and it is not the default queue: did you mean ${meant}?`,
    ]);
  });

  test.each(['emails', 'letters', 'bulk-emails', 'emails-of-2030', 'high', 'reports'])(
    'are none for the queue %s',
    (given) => {
      expect(warnings(named(given), false)).toEqual([]);
    },
  );

  test('are none for queues that differ in their numbers only', () => {
    const application = { ...APPLICATION, jobQueues: ['shard-1'] };
    expect(queueWarnings(named('shard-2'), application, false)).toEqual([]);
  });

  test('say that --all works the default queue alone if no class names a queue', () => {
    expect(queueWarnings(ALL, { ...APPLICATION, jobQueues: [] }, true)).toEqual([
      'No job class names a queue: --all works the default queue alone, letters',
    ]);
  });
});
