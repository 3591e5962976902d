import type { RegisteredJob } from '../discovery/registered-job.interface.js';

/** What a push knows of its job: of a class all, of a definition or a name no class. */
export type PushedJob = Pick<RegisteredJob, 'name' | 'options' | 'takesData'> &
  Partial<Pick<RegisteredJob, 'jobClass'>>;
