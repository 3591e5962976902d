import { RunnableExamples } from '../run-examples.js';

// Runs the test of a service that pushes in the chapter on testing.
await new RunnableExamples().load('invitation.service.spec');
