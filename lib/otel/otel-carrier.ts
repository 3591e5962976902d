import { context, propagation } from '@opentelemetry/api';
import type { JobContextCarrier } from '../index.js';

/**
 * Makes the carrier of the trace and of the baggage of a push, in the form that the propagator of the OpenTelemetry SDK writes:
 *
 * ```ts
 * QueueModule.forRoot({ carriers: [otelCarrier()] });
 * ```
 *
 * @param name the name of the carrier. Default: `otel`
 */
export function otelCarrier(name = 'otel'): JobContextCarrier {
  return {
    name,
    capture() {
      const fields: Record<string, string> = {};
      propagation.inject(context.active(), fields);
      return Object.keys(fields).length === 0 ? undefined : JSON.stringify(fields);
    },
    restore: (value, next) => context.with(propagation.extract(context.active(), readFields(value)), next),
  };
}

/** Another program may have written the value. Without fields the attempt has no context. */
function readFields(value: string): Record<string, string> {
  try {
    const fields: unknown = JSON.parse(value);
    if (typeof fields !== 'object' || fields === null) return {};
    return Object.fromEntries(Object.entries(fields).filter(([, text]) => typeof text === 'string'));
  } catch {
    return {};
  }
}
