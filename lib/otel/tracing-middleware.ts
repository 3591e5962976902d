import { context, SpanKind, SpanStatusCode, trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import type { DispatchResult, JobContext, JobMiddleware, PendingPush, PushMiddleware } from '../index.js';
import { ownVersion } from '../support/own-version.js';
import { toError } from '../support/error-text.js';
import { AttemptSpans } from './attempt-spans.js';
import { errorType, jobAttributes, messagingAttributes } from './messaging-attributes.js';
import { MessagingMetrics } from './messaging-metrics.js';

const SCOPE = 'nestjs-job-queue';

/**
 * Makes the spans:
 *
 * 1. `push {queue}` around each push: its context is active while the carriers capture it;
 * 2. `process {queue}` around each attempt: the carriers have restored the context of the push, to which it is linked.
 */
export class TracingMiddleware implements JobMiddleware, PushMiddleware {
  readonly spans: AttemptSpans;
  private readonly tracer: Tracer;
  private made: MessagingMetrics | undefined;

  /** @param isChild whether the span of an attempt is a child of the span of the push */
  constructor(private readonly isChild: boolean) {
    // The API finds the SDK when a span is made, also if it is set up later.
    this.tracer = trace.getTracer(SCOPE, ownVersion());
    this.spans = new AttemptSpans(this.metrics);
  }

  async push(push: PendingPush, next: () => Promise<DispatchResult>): Promise<DispatchResult> {
    const { queue } = push;
    const attributes = messagingAttributes('push', queue);
    const span = this.tracer.startSpan(`push ${queue}`, {
      kind: SpanKind.PRODUCER,
      attributes: { ...attributes, ...jobAttributes(push) },
    });
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    try {
      const result = await context.with(trace.setSpan(context.active(), span), next);
      span.setAttributes({ 'messaging.message.id': result.id, 'job_queue.push.outcome': result.outcome });
      this.metrics().pushed(attributes, seconds());
      return result;
    } catch (thrown) {
      const error = toError(thrown);
      const failure = { 'error.type': errorType(error) };
      span.setAttributes(failure).setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      span.recordException(error);
      this.metrics().pushed({ ...attributes, ...failure }, seconds());
      throw thrown;
    } finally {
      span.end();
    }
  }

  handle(job: JobContext, next: () => Promise<unknown>): unknown {
    const ofPush = context.active();
    const attributes = messagingAttributes('process', job.queue);
    const span = this.startProcess(job, ofPush);
    this.spans.begin(job, span, attributes);
    return context.with(trace.setSpan(ofPush, span), next);
  }

  /** Made late: unlike spans, instruments that are made before the SDK is set up measure nothing. */
  private readonly metrics = (): MessagingMetrics => (this.made ??= new MessagingMetrics(SCOPE, ownVersion()));

  private startProcess(job: JobContext, ofPush: Context): Span {
    const creation = trace.getSpanContext(ofPush);
    return this.tracer.startSpan(
      `process ${job.queue}`,
      {
        kind: SpanKind.CONSUMER,
        root: !this.isChild,
        attributes: {
          ...messagingAttributes('process', job.queue),
          ...jobAttributes(job),
          'job_queue.job.attempt': job.attempt,
        },
        links: creation && trace.isSpanContextValid(creation) ? [{ context: creation }] : [],
      },
      ofPush,
    );
  }
}
