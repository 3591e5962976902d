import { RunnableExamples } from './run-examples.js';

// The README's own test, as it stands there.
await new RunnableExamples().load('send-email.job.spec');
