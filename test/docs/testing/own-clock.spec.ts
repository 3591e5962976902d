import { RunnableExamples } from '../run-examples.js';

// Runs the test with its own clock in the chapter on testing.
await new RunnableExamples().load('manual-clock.spec');
