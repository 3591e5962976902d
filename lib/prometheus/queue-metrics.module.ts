import { Module, type DynamicModule } from '@nestjs/common';
import { InvalidOptionError } from '../index.js';
import { having } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';
import { QueueMetrics } from './queue-metrics.js';
import { QUEUE_METRICS_OPTIONS, type QueueMetricsOptions } from './queue-metrics-options.js';

const OPTIONS = ['registry'] as const satisfies readonly (keyof QueueMetricsOptions)[];
const registry = having<NonNullable<QueueMetricsOptions['registry']>>('registerMetric', 'getSingleMetric');

/**
 * Measures the jobs of the application for Prometheus, in a registry of `prom-client`: import it beside `QueueModule`.
 *
 * It serves no endpoint: serve `registry.metrics()`.
 */
@Module({})
export class QueueMetricsModule {
  /**
   * @param options `registry`: the registry that gets the metrics. Default: the default one of `prom-client`
   * @throws InvalidOptionError; at the start, if the registry has these metrics already
   */
  static forRoot(options: QueueMetricsOptions = {}): DynamicModule {
    const given = OptionReader.of(options, 'metrics');
    given.refuseOthers(OPTIONS);
    if (options.registry !== undefined && registry.read(options.registry) === undefined) {
      throw new InvalidOptionError('metrics.registry', 'a registry of prom-client', options.registry);
    }
    return {
      module: QueueMetricsModule,
      providers: [{ provide: QUEUE_METRICS_OPTIONS, useValue: options }, QueueMetrics],
    };
  }
}
