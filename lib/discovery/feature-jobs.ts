/** The token under which `QueueModule.forFeature()` registers its classes. */
export const FEATURE_JOBS = Symbol.for('nestjs-job-queue:FeatureJobs');

/** The classes that one `QueueModule.forFeature()` names, unchecked. */
export interface FeatureJobs {
  readonly jobClasses: unknown;
}
