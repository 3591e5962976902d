import { describe } from '@jest/globals';
import { connectArray } from './connect.js';
import { itFollowsTheFlowModel } from './describe-flow-model.js';

describe('the flows of the array driver', () => {
  itFollowsTheFlowModel(connectArray, 100);
});
