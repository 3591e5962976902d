import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { register, type Registry } from 'prom-client';
import { CLOCK, InvalidOptionError, QueueAdmin, QueueEvents, Worker, type Clock } from '../index.js';
import { JobCounters } from './job-counters.js';
import { QueueGauges } from './queue-gauges.js';
import { QUEUE_METRICS_OPTIONS, type QueueMetricsOptions } from './queue-metrics-options.js';

/** One of the metrics: an application that has it has all. */
const FIRST_METRIC = 'job_queue_up';

/** Keeps the metrics of an application in its registry, from its start to its end. */
@Injectable()
export class QueueMetrics implements OnModuleInit, OnApplicationShutdown {
  private readonly registry: Registry;
  private names: readonly string[] = [];
  private stops: readonly (() => void)[] = [];

  constructor(
    @Inject(QUEUE_METRICS_OPTIONS) { registry = register }: QueueMetricsOptions,
    private readonly worker: Worker,
    private readonly events: QueueEvents,
    private readonly admin: QueueAdmin,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.registry = registry;
  }

  /** @throws InvalidOptionError */
  onModuleInit(): void {
    const { registry, events } = this;
    if (registry.getSingleMetric(FIRST_METRIC)) {
      const expected = `a registry without ${FIRST_METRIC}: another application of this process has its metrics there`;
      throw new InvalidOptionError('metrics.registry', expected, registry);
    }
    const counters = new JobCounters(registry);
    const gauges = new QueueGauges(registry, this.admin, this.clock);
    this.names = [...counters.names, ...gauges.names];
    const reports = this.worker.reports$.subscribe((report) => counters.countAttempt(report));
    this.stops = [
      () => reports.unsubscribe(),
      events.on('pushed', (event) => counters.countPush(event)),
      events.on('duplicate', (event) => counters.countDuplicate(event)),
    ];
  }

  onApplicationShutdown(): void {
    for (const stop of this.stops) stop();
    for (const name of this.names) this.registry.removeSingleMetric(name);
  }
}
