import { metrics, ValueType, type Attributes, type Counter, type Histogram } from '@opentelemetry/api';

/** The buckets that the conventions advise, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The metrics of the messaging conventions. Without a `MeterProvider` nothing is measured. */
export class MessagingMetrics {
  private readonly sent: Counter;
  private readonly consumed: Counter;
  private readonly operation: Histogram;
  private readonly process: Histogram;

  constructor(scope: string, version: string) {
    const meter = metrics.getMeter(scope, version);
    const seconds = { unit: 's', valueType: ValueType.DOUBLE, advice: { explicitBucketBoundaries: BUCKETS } };
    this.sent = meter.createCounter('messaging.client.sent.messages', {
      unit: '{message}',
      description: 'Jobs that were pushed.',
    });
    this.consumed = meter.createCounter('messaging.client.consumed.messages', {
      unit: '{message}',
      description: 'Attempts that were begun.',
    });
    this.operation = meter.createHistogram('messaging.client.operation.duration', {
      ...seconds,
      description: 'How long pushes took.',
    });
    this.process = meter.createHistogram('messaging.process.duration', {
      ...seconds,
      description: 'How long attempts took.',
    });
  }

  /** @param seconds how long the push took */
  pushed(attributes: Attributes, seconds: number): void {
    this.operation.record(seconds, attributes);
    if (attributes['error.type'] === undefined) this.sent.add(1, attributes);
  }

  begun(attributes: Attributes): void {
    this.consumed.add(1, attributes);
  }

  /** @param seconds how long the attempt took */
  ended(attributes: Attributes, seconds: number): void {
    this.process.record(seconds, attributes);
  }
}
