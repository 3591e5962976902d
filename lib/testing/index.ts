export { CLOCK } from '../queue.tokens.js';
export { fakeQueueOptions, type OverridingBuilder } from './fake-queue-options.js';
export { fakeQueue, type FakeQueue, type GettingApp, type PushPredicate, type ResultOf } from './fake-queue.js';
export { jobContext, type PartialJobContext } from './job-context.js';
export type { AskedJob, DataOf, PushedBatch, PushedJob } from './pushed-job.js';
export { QueueTestingModule } from './queue-testing.module.js';
export { VirtualClock } from './virtual-clock.js';
