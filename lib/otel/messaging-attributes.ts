import type { Attributes } from '@opentelemetry/api';

/**
 * The names of the semantic conventions for messaging. They are not stable yet: the name of the system is told under its old name, too.
 * Source: the OpenTelemetry semantic conventions 1.45, "Messaging spans" and "Messaging metrics".
 */
const SYSTEM = 'nestjs-job-queue';

/** The attributes of an operation on a queue. */
export function messagingAttributes(operation: 'push' | 'process', queue: string): Attributes {
  return {
    'messaging.system.name': SYSTEM,
    'messaging.system': SYSTEM,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation === 'push' ? 'send' : 'process',
    'messaging.destination.name': queue,
  };
}

/** The attributes of one job. */
export function jobAttributes(job: { readonly id: string; readonly name: string }): Attributes {
  return { 'messaging.message.id': job.id, 'job_queue.job.name': job.name };
}

/** Returns the value of `error.type`. */
export function errorType(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('ERR_') ? code : error.name || 'Error';
}
