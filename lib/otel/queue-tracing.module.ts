import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { QueueEvents, Worker } from '../index.js';
import { ADDED_MIDDLEWARE } from '../queue.tokens.js';
import { boolean } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';
import type { QueueTracingOptions } from './queue-tracing-options.js';
import { TracingMiddleware } from './tracing-middleware.js';

const OPTIONS = ['parent'] as const satisfies readonly (keyof QueueTracingOptions)[];

/**
 * Traces pushes and attempts with OpenTelemetry, and measures them: import it beside `QueueModule`, whose option `carriers` needs an
 * `otelCarrier()`. Without an SDK it does nothing.
 */
@Module({})
export class QueueTracingModule implements OnModuleInit, OnApplicationShutdown {
  private stops: readonly (() => void)[] = [];

  constructor(
    @Inject(ADDED_MIDDLEWARE) private readonly middleware: readonly [TracingMiddleware],
    private readonly events: QueueEvents,
    private readonly worker: Worker,
  ) {}

  /**
   * @param options `parent`: whether the span of an attempt is a child of the span of its push. Default: false, with a link
   * @throws InvalidOptionError
   */
  static forRoot(options: QueueTracingOptions = {}): DynamicModule {
    const given = OptionReader.of(options, 'tracing');
    given.refuseOthers(OPTIONS);
    const middleware = new TracingMiddleware(given.get('parent', boolean) ?? false);
    return { module: QueueTracingModule, providers: [{ provide: ADDED_MIDDLEWARE, useValue: [middleware] }] };
  }

  onModuleInit(): void {
    const { events } = this;
    const [{ spans }] = this.middleware;
    const reports = this.worker.reports$.subscribe((report) => {
      // The only end of an attempt that is no event.
      if (report.outcome === 'abandoned') spans.end(report, 'abandoned');
    });
    this.stops = [
      () => reports.unsubscribe(),
      events.on('completed', (event) => spans.end(event, 'completed')),
      events.on('retrying', (event) => spans.end(event, 'retrying', event.error)),
      events.on('failed', (event) => spans.end(event, 'failed', event.error)),
      events.on('cancelled', (event) => spans.end(event, 'cancelled')),
      events.on('released', (event) => spans.end(event, 'released')),
      events.on('requeued', (event) => spans.end(event, 'requeued')),
    ];
  }

  onApplicationShutdown(): void {
    for (const stop of this.stops) stop();
    this.middleware[0].spans.close();
  }
}
