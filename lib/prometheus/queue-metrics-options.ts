import type { Registry } from 'prom-client';

/** The options of `QueueMetricsModule.forRoot()`. */
export interface QueueMetricsOptions {
  /** The registry that gets the metrics. Default: the default registry of `prom-client`. */
  readonly registry?: Registry;
}

/** The injection token of {@link QueueMetricsOptions}. */
export const QUEUE_METRICS_OPTIONS = Symbol('nestjs-job-queue:QueueMetricsOptions');
