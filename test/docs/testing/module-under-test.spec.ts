import { RunnableExamples } from '../run-examples.js';

// Runs the test of a job with its dependencies in the chapter on testing.
await new RunnableExamples().load('send-email.job.spec');
