import { RunnableExamples } from '../run-examples.js';

// Runs the test of one job without a push in the chapter on testing.
await new RunnableExamples().load('one-email.spec');
