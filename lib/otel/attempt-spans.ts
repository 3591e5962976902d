import { SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api';
import type { JobReport } from '../index.js';
import { errorType } from './messaging-attributes.js';
import type { MessagingMetrics } from './messaging-metrics.js';

/** The span of an attempt that runs. */
interface OpenSpan {
  readonly span: Span;
  readonly attributes: Attributes;
  /** Milliseconds on a monotonic clock. */
  readonly startedAt: number;
}

/** A job with the number of its attempt. */
type AttemptKey = Pick<JobReport, 'queue' | 'id' | 'attempt'>;

/**
 * The spans of the attempts that run. A span ends when the worker tells the outcome: the handler alone does not know it, because an
 * attempt may be released, cancelled, or end by its timeout while the handler goes on.
 */
export class AttemptSpans {
  private readonly open = new Map<string, OpenSpan>();

  constructor(private readonly metrics: () => MessagingMetrics) {}

  begin(key: AttemptKey, span: Span, attributes: Attributes): void {
    this.open.set(keyOf(key), { span, attributes, startedAt: performance.now() });
    this.metrics().begun(attributes);
  }

  /**
   * Ends the span of an attempt, if it has one.
   *
   * @param error why the attempt has failed; `undefined` if it has not
   */
  end(key: AttemptKey, outcome: JobReport['outcome'], error?: Error): void {
    const open = this.open.get(keyOf(key));
    if (!open) return;
    this.open.delete(keyOf(key));
    const { span, attributes, startedAt } = open;
    const failure: Attributes = error ? { 'error.type': errorType(error) } : {};
    span.setAttributes({ 'job_queue.job.outcome': outcome, ...failure });
    if (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    }
    span.end();
    this.metrics().ended({ ...attributes, ...failure }, (performance.now() - startedAt) / 1000);
  }

  /** Ends all spans, without an outcome. */
  close(): void {
    for (const { span } of this.open.values()) span.end();
    this.open.clear();
  }
}

function keyOf({ queue, id, attempt }: AttemptKey): string {
  return `${queue} ${attempt} ${id}`;
}
