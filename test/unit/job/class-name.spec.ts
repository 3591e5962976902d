import { describe, expect, it } from '@jest/globals';
import { mixin } from '@nestjs/common';
import { isGeneratedName } from '../../../lib/job/class-name.js';

describe('isGeneratedName', () => {
  it.each([
    '',
    'e',
    'Xy',
    '$',
    '_a',
    'é',
    'default',
    'default_1',
    '_default',
    '_class',
    '_class2',
    'class_1',
    'anonymous',
  ])('recognises %j', (name) => expect(isGeneratedName(name)).toBe(true));

  it('recognises the name that mixin() of Nest makes', () => {
    expect(isGeneratedName(mixin(class {}).name)).toBe(true);
  });

  it.each(['Job', 'SendEmailJob', 'AppModule2', 'DefaultJob', 'Classify', 'defaultJob', 'facade', 'a1b2c3'])(
    'does not take %j for one',
    (name) => expect(isGeneratedName(name)).toBe(false),
  );
});
