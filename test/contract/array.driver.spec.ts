import { ArrayHarness } from './array.harness.js';
import { describeDriver } from './suite.js';

describeDriver(new ArrayHarness());
