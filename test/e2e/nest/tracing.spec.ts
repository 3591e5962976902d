import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  context,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Link,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { Job, QueueManager, UnrecoverableError, type JobContext } from 'nestjs-job-queue';
import { otelCarrier, QueueTracingModule } from 'nestjs-job-queue/otel';
import { startQueueApp, useSeen, type QueueApp } from './queue-app.js';

const exporter = new InMemorySpanExporter();
const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
  exportIntervalMillis: 3_600_000,
});
const seen = useSeen();

@Job({ queue: 'mails', maxTries: 2 })
@Injectable()
class MailJob {
  constructor(private readonly queue: QueueManager) {}

  async handle(what: string, job: JobContext): Promise<void> {
    seen.push({
      trace: trace.getActiveSpan()?.spanContext().traceId,
      span: trace.getActiveSpan()?.spanContext().spanId,
      tenant: propagation.getActiveBaggage()?.getEntry('tenant')?.value,
    });
    trace.getTracer('test').startSpan('work').end();
    if (what === 'throws') throw new TypeError('no address');
    if (what === 'gives up') throw new UnrecoverableError('never');
    if (what === 'fails') job.fail(new RangeError('too far'));
    if (what === 'releases') job.release(60);
    if (what === 'pushes') await this.queue.push(MailJob, 'plain');
  }
}

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
});
afterEach(() => exporter.reset());
afterAll(async () => {
  await reader.shutdown();
});

const start = (parent?: boolean): Promise<QueueApp> =>
  startQueueApp(
    { imports: [QueueTracingModule.forRoot({ parent })], providers: [MailJob] },
    { carriers: [otelCarrier()], jobs: { maxTries: 2, retryDelay: 0 } },
  );
const spansOf = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);
const only = (name: string): ReadableSpan => {
  const [span, ...others] = spansOf(name);
  expect(others).toEqual([]);
  return span!;
};
/** Pushes below a span of a request, with baggage. */
const pushInRequest = async ({ queue }: QueueApp, what: string): Promise<{ id: string; requestSpan: string }> => {
  const span = trace.getTracer('test').startSpan('request');
  const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
  const inRequest = propagation.setBaggage(trace.setSpan(context.active(), span), baggage);
  const id = await context.with(inRequest, () => queue.push(MailJob, what));
  span.end();
  return { id, requestSpan: span.spanContext().spanId };
};
const linked = (links: readonly Link[]): string[] => links.map((link) => link.context.spanId);

describe('the spans of pushes and attempts', () => {
  it('are a push below the request, and an attempt in a trace of its own with a link to the push', async () => {
    const app = await start();
    const { id, requestSpan } = await pushInRequest(app, 'plain');
    await app.run();
    const push = only('push mails');
    const process = only('process mails');
    expect(push).toMatchObject({ kind: SpanKind.PRODUCER, parentSpanContext: { spanId: requestSpan } });
    expect(process.kind).toBe(SpanKind.CONSUMER);
    expect(process.parentSpanContext).toBeUndefined();
    expect(process.spanContext().traceId).not.toBe(push.spanContext().traceId);
    expect(linked(process.links)).toEqual([push.spanContext().spanId]);
    const common: Attributes = {
      'messaging.system.name': 'nestjs-job-queue',
      'messaging.system': 'nestjs-job-queue',
      'messaging.destination.name': 'mails',
      'messaging.message.id': id,
      'job_queue.job.name': 'MailJob',
    };
    expect(push.attributes).toEqual({
      ...common,
      'messaging.operation.name': 'push',
      'messaging.operation.type': 'send',
      'job_queue.push.outcome': 'queued',
    });
    expect(process.attributes).toEqual({
      ...common,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'job_queue.job.attempt': 1,
      'job_queue.job.outcome': 'completed',
    });
    expect(process.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('are one trace with the option parent, and keep the link', async () => {
    const app = await start(true);
    await pushInRequest(app, 'plain');
    await app.run();
    const push = only('push mails');
    const process = only('process mails');
    expect(process.spanContext().traceId).toBe(push.spanContext().traceId);
    expect(process.parentSpanContext?.spanId).toBe(push.spanContext().spanId);
    expect(linked(process.links)).toEqual([push.spanContext().spanId]);
  });

  it.each([false, true])('are active in the handler, with the baggage of the push (parent: %s)', async (parent) => {
    const app = await start(parent);
    await pushInRequest(app, 'plain');
    await app.run();
    const process = only('process mails').spanContext();
    expect(seen).toEqual([{ trace: process.traceId, span: process.spanId, tenant: 'acme' }]);
    expect(only('work').parentSpanContext?.spanId).toBe(process.spanId);
  });

  it('link a job that a job pushed to the push in that job', async () => {
    const app = await start();
    await app.queue.push(MailJob, 'pushes');
    await app.run();
    await app.run();
    const [first, second] = spansOf('process mails');
    const [, inner] = spansOf('push mails');
    expect(inner!.parentSpanContext?.spanId).toBe(first!.spanContext().spanId);
    expect(linked(second!.links)).toEqual([inner!.spanContext().spanId]);
  });

  it('have the status ERROR for each failed attempt, and its type', async () => {
    const app = await start();
    await app.queue.push(MailJob, 'throws');
    await app.run();
    await app.run();
    const attempts = spansOf('process mails');
    expect(attempts.map(({ attributes }) => attributes)).toMatchObject([
      { 'job_queue.job.attempt': 1, 'job_queue.job.outcome': 'retrying', 'error.type': 'TypeError' },
      { 'job_queue.job.attempt': 2, 'job_queue.job.outcome': 'failed', 'error.type': 'TypeError' },
    ]);
    for (const { status, events, links } of attempts) {
      expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'no address' });
      expect(events).toMatchObject([{ name: 'exception', attributes: { 'exception.message': 'no address' } }]);
      expect(linked(links)).toEqual([only('push mails').spanContext().spanId]);
    }
  });

  it.each([
    ['gives up', 'failed', 'ERR_UNRECOVERABLE', SpanStatusCode.ERROR],
    ['fails', 'failed', 'RangeError', SpanStatusCode.ERROR],
    ['releases', 'released', undefined, SpanStatusCode.UNSET],
  ])('tell the outcome of a job that %s', async (what, outcome, type, code) => {
    const app = await start();
    await app.queue.push(MailJob, what);
    await app.run();
    const { attributes, status } = only('process mails');
    expect(attributes['job_queue.job.outcome']).toBe(outcome);
    expect(attributes['error.type']).toBe(type);
    expect(status.code).toBe(code);
  });

  it('have the status ERROR for a push that fails', async () => {
    const app = await start();
    const carrier = otelCarrier('broken');
    expect(carrier.name).toBe('broken');
    await app.app.close();
    await expect(app.queue.push(MailJob, 'plain')).rejects.toThrow();
    expect(only('push mails')).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'ERR_CLOSED' },
    });
  });

  it('are one for each job of a bulk push, and none for an idle worker', async () => {
    const app = await start();
    await app.queue.pushMany(MailJob, ['plain', 'plain']);
    expect(spansOf('push mails')).toHaveLength(2);
    exporter.reset();
    await app.run();
    await app.run();
    await app.run();
    expect(
      exporter
        .getFinishedSpans()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['process mails', 'process mails', 'work', 'work']);
  });
});

describe('the metrics of the messaging conventions', () => {
  it('count pushes and attempts, and measure them', async () => {
    const app = await start();
    await app.queue.push(MailJob, 'throws');
    await app.run();
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const named = (name: string) => all.find(({ descriptor }) => descriptor.name === name)!;
    for (const name of ['messaging.client.sent.messages', 'messaging.client.consumed.messages']) {
      expect(named(name).descriptor.unit).toBe('{message}');
      expect(named(name).dataPoints[0]).toMatchObject({
        attributes: { 'messaging.destination.name': 'mails', 'messaging.system.name': 'nestjs-job-queue' },
      });
    }
    for (const name of ['messaging.client.operation.duration', 'messaging.process.duration']) {
      expect(named(name).descriptor.unit).toBe('s');
    }
    const failed = named('messaging.process.duration').dataPoints.filter(
      ({ attributes }) => attributes['error.type'] === 'TypeError',
    );
    expect(failed.length).toBeGreaterThan(0);
  });
});

describe('the carrier of traces', () => {
  it('carries nothing outside of a trace, and survives a value that another program wrote', () => {
    const carrier = otelCarrier();
    expect(carrier.capture()).toBeUndefined();
    for (const value of ['no JSON', 'null', '{"traceparent":5}', '[]']) {
      expect(carrier.restore(value, () => trace.getActiveSpan())).toBeUndefined();
    }
  });

  it('refuses wrong options of the module', () => {
    expect(() => QueueTracingModule.forRoot({ parent: 'yes' } as object)).toThrow('Option "tracing.parent"');
    expect(() => QueueTracingModule.forRoot({ parents: true } as object)).toThrow('did you mean "parent"?');
  });
});
