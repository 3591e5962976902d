import { Counter, Histogram, type Registry } from 'prom-client';
import type { JobReport } from '../index.js';

/** The upper ends of the buckets of both histograms, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600];
const OF_JOB = ['queue', 'name'] as const;

/** The outcomes of attempts that ran to an end of their own. */
const RAN: ReadonlySet<JobReport['outcome']> = new Set(['completed', 'retrying', 'failed', 'released', 'cancelled']);

/** The counters and the histograms of this process. */
export class JobCounters {
  readonly names: readonly string[] = [
    'job_queue_pushed_total',
    'job_queue_duplicates_total',
    'job_queue_attempts_total',
    'job_queue_run_seconds',
    'job_queue_wait_seconds',
  ];
  private readonly pushed: Counter<'queue' | 'name'>;
  private readonly duplicates: Counter<'queue' | 'name'>;
  private readonly attempts: Counter<'queue' | 'name' | 'outcome'>;
  private readonly run: Histogram<'queue' | 'name'>;
  private readonly wait: Histogram<'queue' | 'name'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.pushed = new Counter({
      name: 'job_queue_pushed_total',
      help: 'Jobs that this process pushed.',
      labelNames: OF_JOB,
      registers,
    });
    this.duplicates = new Counter({
      name: 'job_queue_duplicates_total',
      help: 'Pushes of this process that added nothing, because the job was there.',
      labelNames: OF_JOB,
      registers,
    });
    this.attempts = new Counter({
      name: 'job_queue_attempts_total',
      help: 'Attempts of the worker of this process, by outcome.',
      labelNames: [...OF_JOB, 'outcome'],
      registers,
    });
    this.run = new Histogram({
      name: 'job_queue_run_seconds',
      help: 'How long attempts ran.',
      labelNames: OF_JOB,
      buckets: BUCKETS,
      registers,
    });
    this.wait = new Histogram({
      name: 'job_queue_wait_seconds',
      help: 'How long jobs waited for their first attempt, from the time when they were due.',
      labelNames: OF_JOB,
      buckets: BUCKETS,
      registers,
    });
  }

  countPush({ queue, name }: Pick<JobReport, 'queue' | 'name'>): void {
    this.pushed.inc({ queue, name });
  }

  countDuplicate({ queue, name }: Pick<JobReport, 'queue' | 'name'>): void {
    this.duplicates.inc({ queue, name });
  }

  countAttempt({ queue, name, outcome, duration, wait }: JobReport): void {
    this.attempts.inc({ queue, name, outcome });
    if (RAN.has(outcome)) this.run.observe({ queue, name }, duration / 1000);
    if (wait !== undefined) this.wait.observe({ queue, name }, wait / 1000);
  }
}
