import { Gauge, type Registry } from 'prom-client';
import type { QueueAdmin, QueueInfo, WorkerInfo } from '../index.js';
import type { Clock } from '../support/clock.js';
import { withTimeLimit } from '../support/deadline.js';

/** How long a scrape waits for the storage, in milliseconds: a scraper waits ten seconds by default. */
const LIMIT = 2_000;

/** The state of the queues at a scrape. */
interface Look {
  readonly queues: readonly QueueInfo[];
  readonly workers: readonly WorkerInfo[];
}

/** The label values of a gauge, and its value. */
type Measured = readonly [labels: Readonly<Record<string, string>>, value: number];

/**
 * The gauges: they ask the storage when they are scraped, all of them together once. A storage that does not answer in time leaves
 * them without values, and `job_queue_up` at 0: the counters are scraped all the same.
 */
export class QueueGauges {
  readonly names: readonly string[];
  private looking: Promise<Look | undefined> | undefined;

  constructor(
    registry: Registry,
    private readonly admin: Pick<QueueAdmin, 'queues' | 'workers'>,
    private readonly clock: Clock,
  ) {
    const make = (name: string, help: string, labelNames: string[], measure: (look: Look) => Measured[]): string =>
      this.gauge(registry, { name, help, labelNames }, (look) => (look ? measure(look) : []));
    this.names = [
      this.gauge(
        registry,
        { name: 'job_queue_up', help: 'Whether the storage answered at this scrape.', labelNames: [] },
        (look) => [[{}, look ? 1 : 0]],
      ),
      make('job_queue_jobs', 'Jobs in the storage, by state.', ['queue', 'state'], ({ queues }) =>
        queues.flatMap(({ name, counts }) => [
          [{ queue: name, state: 'ready' }, counts.ready],
          [{ queue: name, state: 'blocked' }, counts.blocked],
          [{ queue: name, state: 'delayed' }, counts.delayed],
          [{ queue: name, state: 'running' }, counts.reserved],
          [{ queue: name, state: 'failed' }, counts.failed],
        ]),
      ),
      make(
        'job_queue_oldest_ready_seconds',
        'For how long the oldest ready job has been ready; 0 without one.',
        ['queue'],
        ({ queues }) => queues.map(({ name, oldestReadyAge }) => [{ queue: name }, oldestReadyAge ?? 0]),
      ),
      make('job_queue_paused', 'Whether the queue is paused for all processes.', ['queue'], ({ queues }) =>
        queues.map(({ name, paused }) => [{ queue: name }, paused ? 1 : 0]),
      ),
      make('job_queue_workers', 'Workers that work the queue, in all processes.', ['queue'], ({ queues, workers }) =>
        queues.map(({ name }) => [{ queue: name }, workers.filter((worker) => worker.queues.includes(name)).length]),
      ),
    ];
  }

  private gauge(
    registry: Registry,
    facts: { readonly name: string; readonly help: string; readonly labelNames: string[] },
    measure: (look: Look | undefined) => Measured[],
  ): string {
    const look = (): Promise<Look | undefined> => this.look();
    void new Gauge({
      ...facts,
      registers: [registry],
      async collect() {
        const measured = measure(await look());
        this.reset();
        for (const [labels, value] of measured) this.set(labels, value);
      },
    });
    return facts.name;
  }

  /** Reads the state once for all gauges of a scrape. */
  private async look(): Promise<Look | undefined> {
    this.looking ??= this.read();
    try {
      return await this.looking;
    } finally {
      this.looking = undefined;
    }
  }

  private async read(): Promise<Look | undefined> {
    const reading = Promise.all([this.admin.queues(), this.admin.workers()]);
    try {
      const [queues, workers] = await withTimeLimit(reading, this.clock, LIMIT, () => new Error('late'));
      return { queues, workers };
    } catch {
      return undefined;
    }
  }
}
