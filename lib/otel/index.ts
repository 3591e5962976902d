export { otelCarrier } from './otel-carrier.js';
export { QueueTracingModule } from './queue-tracing.module.js';
export type { QueueTracingOptions } from './queue-tracing-options.js';
