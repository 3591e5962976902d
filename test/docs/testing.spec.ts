import { RunnableExamples } from './run-examples.js';

// Runs the test in the chapter on testing.
await new RunnableExamples().load('send-email.job.spec');
