import { describe, expect, it } from '@jest/globals';
import { assertQueueName } from '../../../lib/job/queue-name.js';
import { InvalidQueueNameError } from '../../../lib/queue.errors.js';

describe('assertQueueName', () => {
  it.each(['a', '0', 'default', 'bulk-emails', 'a.b_c-D', 'x'.repeat(64), 'a..', 'constructor'])(
    'accepts %s',
    (name) => {
      expect(() => assertQueueName(name)).not.toThrow();
    },
  );

  it.each([
    '',
    ' ',
    'a b',
    '.a',
    '-a',
    '_a',
    'emails:delayed',
    'a:',
    '{a}',
    'a/b',
    'a*',
    'a\n',
    '\na',
    'ä',
    'x'.repeat(65),
    7,
    null,
    undefined,
    {},
    ['a'],
  ])('rejects %j, and names the given value in the error', (name) => {
    expect(() => assertQueueName(name)).toThrow(InvalidQueueNameError);
    expect(() => assertQueueName(name)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_QUEUE_NAME',
        given: name,
        message: expect.stringContaining('got '),
      }),
    );
  });
});
