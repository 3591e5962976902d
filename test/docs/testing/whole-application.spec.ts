import { afterAll } from '@jest/globals';
import { RunnableExamples } from '../run-examples.js';

const driver = process.env['QUEUE_DRIVER'];
process.env['QUEUE_DRIVER'] = 'array';
afterAll(() => {
  if (driver === undefined) delete process.env['QUEUE_DRIVER'];
  else process.env['QUEUE_DRIVER'] = driver;
});

// Runs the test of the whole application in the chapter on testing.
await new RunnableExamples().load('app.e2e-spec');
