import { describe } from '@jest/globals';
import { ArraySubject } from './array.subject.js';
import { itFollowsTheModel } from './describe-model.js';

describe('the array driver', () => {
  itFollowsTheModel(() => new ArraySubject(), 500);
});
