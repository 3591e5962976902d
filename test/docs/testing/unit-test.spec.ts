import { RunnableExamples } from '../run-examples.js';

// Runs the test of a handler alone in the chapter on testing.
await new RunnableExamples().load('import-orders.job.spec');
