import { RunnableExamples } from '../run-examples.js';

// Runs the test with fake timers in the chapter on testing.
await new RunnableExamples().load('retries.spec');
