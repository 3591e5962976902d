export { QueueMetricsModule } from './queue-metrics.module.js';
export type { QueueMetricsOptions } from './queue-metrics-options.js';
