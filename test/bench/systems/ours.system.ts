import { AsyncLocalStorage } from 'node:async_hooks';
import 'reflect-metadata';
import { Injectable, Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  compress,
  encrypt,
  Job,
  jobSpec,
  QueueAdmin,
  QueueManager,
  QueueModule,
  QueueSchedules,
  Worker,
  type ChunkHandler,
  type ChunkItem,
  type JobContext,
  type JobHandler,
  type JobSpec,
  type QueueModuleOptions,
  type QueueSettings,
  type WorkerOptions,
} from 'nestjs-job-queue';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { z } from 'zod';
import { slices } from '../../../lib/support/slices.js';
import type { Payload } from '../subject/payload.js';
import { CHAIN, QUEUE, type JobWorker, type Producer, type System } from './system.interface.js';
import type { SystemSettings, Use, WorkerSettings } from './system.interface.js';

/** A service that a job uses. */
@Injectable()
class Work {
  do: WorkerSettings['onJob'] = () => undefined;
  occur: (late: number) => void = () => undefined;
}

@Job({ queue: QUEUE })
class EmptyJob implements JobHandler<Payload> {
  constructor(private readonly work: Work) {}

  async handle(data: Payload): Promise<void> {
    return this.work.do(data);
  }
}

@Job({ queue: QUEUE, keepResult: true })
class ResultJob implements JobHandler<Payload> {
  constructor(private readonly work: Work) {}

  async handle(data: Payload): Promise<{ state: string; parts: number[] }> {
    await this.work.do(data);
    return { state: 'done', parts: [1, 2, 3] };
  }
}

@Job({ queue: QUEUE })
class ProgressJob implements JobHandler<Payload> {
  constructor(private readonly work: Work) {}

  async handle(data: Payload, job: JobContext): Promise<void> {
    void job.progress(50);
    return this.work.do(data);
  }
}

@Job({ queue: QUEUE })
class LogsJob implements JobHandler<Payload> {
  constructor(private readonly work: Work) {}

  async handle(data: Payload, job: JobContext): Promise<void> {
    await job.log('The work begins');
    await this.work.do(data);
    await job.log('The work is done');
  }
}

/** The jobs of one call. */
const CHUNK = 100;

@Job({ queue: QUEUE, chunk: { size: CHUNK } })
class ChunkJob implements ChunkHandler<Payload> {
  constructor(private readonly work: Work) {}

  async handleChunk(items: readonly ChunkItem<Payload>[]): Promise<void> {
    await Promise.all(items.map(async ({ data }) => this.work.do(data)));
  }
}

@Job({ queue: QUEUE })
class SignalJob implements JobHandler<Payload> {
  constructor(private readonly work: Work) {}

  async handle(data: Payload, job: JobContext): Promise<void> {
    return this.work.do(data, job);
  }
}

@Job({ queue: QUEUE })
class ReleasesJob implements JobHandler<Payload> {
  constructor(private readonly work: Work) {}

  async handle(data: Payload, job: JobContext): Promise<void> {
    if (job.releases === 0) return job.release();
    return this.work.do(data);
  }
}

@Job({ queue: QUEUE, expiresIn: '1h' })
class ExpiringJob extends EmptyJob {}

@Job({ queue: QUEUE, unique: { key: ({ number }: Payload) => number } })
class UniqueJob extends EmptyJob {}

/** Of a thousand groups. */
@Job({ queue: QUEUE, group: ({ number }: Payload) => number.slice(-3) })
class GroupedJob extends EmptyJob {}

/** Of a hundred groups. */
@Job({ queue: QUEUE, group: ({ number }: Payload) => number.slice(-2) })
class FewGroupsJob extends EmptyJob {}

/** Each job is a group. */
@Job({ queue: QUEUE, group: ({ number }: Payload) => number })
class ManyGroupsJob extends EmptyJob {}

/** Of a thousand keys. */
@Job({ queue: QUEUE, debounce: { key: ({ number }: Payload) => number.slice(-3), wait: '1h' } })
class DebouncedJob extends EmptyJob {}

@Job({ queue: QUEUE, maxTries: Infinity, retryFor: '2d' })
class EndlessJob extends EmptyJob {}

const CHECKED = z.object({ number: z.string(), to: z.string(), subject: z.string(), body: z.string() });

@Job({ queue: QUEUE, schema: CHECKED })
class CheckedJob extends EmptyJob {}

@Job({ queue: QUEUE, maxTries: 1 })
class FailingJob extends EmptyJob {}

/** Of a schedule. The server, which tells the time, is on this machine. */
@Job({ queue: QUEUE })
class OccurrenceJob implements JobHandler<undefined> {
  constructor(private readonly work: Work) {}

  async handle(_data: undefined, job: JobContext): Promise<void> {
    this.work.occur(Date.now() - Date.parse(job.metadata['scheduledFor']!));
  }
}

const CLASSES = {
  results: ResultJob,
  progress: ProgressJob,
  logs: LogsJob,
  chunks: ChunkJob,
  signal: SignalJob,
  failing: FailingJob,
  releases: ReleasesJob,
  expiry: ExpiringJob,
  priority: EmptyJob,
  unique: UniqueJob,
  batch: EmptyJob,
  chains: EmptyJob,
  groups: GroupedJob,
  fewGroups: FewGroupsJob,
  manyGroups: ManyGroupsJob,
  groupConcurrency: GroupedJob,
  groupRate: GroupedJob,
  debounce: DebouncedJob,
  retryFor: EndlessJob,
  concurrency: EmptyJob,
  rate: EmptyJob,
  middleware: EmptyJob,
  carriers: EmptyJob,
  schema: CheckedJob,
  compressed: EmptyJob,
  encrypted: EmptyJob,
  partitions: EmptyJob,
  events: EmptyJob,
  metrics: EmptyJob,
  tracing: EmptyJob,
} as const;
/** Options of the queue, by their use. The rates and the concurrency of the queue are not reached. */
const LIMITS: Readonly<Partial<Record<Use, QueueSettings>>> = {
  concurrency: { concurrency: 100_000 },
  rate: { rateLimit: { max: 50_000, per: '100ms' } },
  groupConcurrency: { groups: { concurrency: 1 } },
  groupRate: { groups: { rateLimit: { max: 1_000, per: '1h' } } },
  partitions: { partitions: 8 },
};
/** A tenant, as an application carries it. */
const tenant = new AsyncLocalStorage<string>();

/** Options of the module, by their use. */
const OPTIONS: Readonly<Partial<Record<Use, QueueModuleOptions>>> = {
  middleware: { middleware: [{ handle: (_job: JobContext, next: () => Promise<unknown>) => next() }] },
  carriers: {
    carriers: [{ name: 'tenant', capture: () => 'acme', restore: (value, next) => tenant.run(value, next) }],
  },
  compressed: { codecs: [compress({ above: 0 })] },
  encrypted: { codecs: [encrypt({ keys: { bench: Buffer.alloc(32, 1) }, current: 'bench' })] },
  events: { events: { everywhere: true } },
};
/** How long a caller waits for a job. */
const WAIT = '1m';

const JOBS = [
  EmptyJob,
  ResultJob,
  ProgressJob,
  LogsJob,
  SignalJob,
  FailingJob,
  ReleasesJob,
  ExpiringJob,
  UniqueJob,
  GroupedJob,
  FewGroupsJob,
  ManyGroupsJob,
  DebouncedJob,
  EndlessJob,
  CheckedJob,
  OccurrenceJob,
];

@Module({})
class BenchModule {}

/** This library, in a Nest application without HTTP. */
const ours: System = {
  async openProducer(settings): Promise<Producer> {
    const application = await boot(settings, false);
    const manager = application.get(QueueManager);
    const admin = application.get(QueueAdmin);
    const { queue, use } = settings;
    const type = use ? CLASSES[use] : EmptyJob;
    return {
      control: {
        cancel: async (id) => manager.cancel(id),
        pause: async () => admin.pause(queue ?? QUEUE),
        resume: async () => admin.resume(queue ?? QUEUE),
        list: async (page) => admin.jobs(queue ?? QUEUE, 'queued', page),
        retryAll: async () => admin.retryAll(queue ?? QUEUE),
        failed: async () => (await manager.counts(queue ?? QUEUE)).failed,
        reserved: async () => (await manager.counts(queue ?? QUEUE)).reserved,
      },
      push: async (data) => manager.push(type, data, queue),
      pushAndWait: async (data) => manager.pushAndWait(type, data, { timeout: WAIT, queue }),
      pushMany: async (list, delay) => {
        if (use === 'batch') return pushBatch(manager, list, queue);
        if (use === 'chains') return pushChains(manager, list, queue);
        return use === 'priority'
          ? manager.pushMany(list.map((data, at) => jobSpec(EmptyJob, data, { queue, priority: (at % 21) - 10 })))
          : manager.pushMany(type, list, delay === undefined ? queue : { queue, delay: delay / 1000 });
      },
      close: async () => application.close(),
    };
  },

  async openWorker(settings: WorkerSettings): Promise<JobWorker> {
    const { onJob, queue = QUEUE, use } = settings;
    const concurrency = Math.ceil(settings.concurrency / (use === 'chunks' ? CHUNK : 1));
    const application = await boot(settings, { enabled: false, queues: [queue], concurrency });
    application.get(Work).do = onJob;
    if (settings.schedules) await setSchedules(application.get(QueueSchedules), settings.schedules);
    const { every, onOccurrence } = settings;
    if (every !== undefined && onOccurrence) {
      application.get(Work).occur = onOccurrence;
      const job = jobSpec(OccurrenceJob, undefined);
      await application.get(QueueSchedules).set('measured', { every: every / 1000, job });
    }
    const worker = application.get(Worker);
    return {
      start: () => worker.start(),
      stop: async () => {
        await worker.stop();
        await application.close();
      },
    };
  },
};

export default ours;

/** Sets schedules that are due tomorrow. */
async function setSchedules(schedules: QueueSchedules, count: number): Promise<void> {
  const job = jobSpec('EmptyJob', {}, { queue: QUEUE });
  for (let at = 0; at < count; at += AT_ONCE) {
    const names = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, i) => `schedule ${at + i}`);
    await Promise.all(names.map((name) => schedules.set(name, { every: '1d', job })));
  }
}

/** How many schedules are set at once. */
const AT_ONCE = 200;

async function pushBatch(manager: QueueManager, list: readonly Payload[], queue?: string): Promise<unknown> {
  const specs = specsOf(list, queue);
  return manager.batch(specs, { then: specs[0], finally: specs[0] });
}

async function pushChains(manager: QueueManager, list: readonly Payload[], queue?: string): Promise<unknown> {
  return Promise.all(slices(specsOf(list, queue), CHAIN).map((chain) => manager.chain(chain)));
}

function specsOf(list: readonly Payload[], queue?: string): JobSpec[] {
  const to = queue === undefined ? undefined : { queue };
  return list.map((data) => jobSpec(EmptyJob, data, to));
}

/** Loads the modules of a use, with what an application has beside them. No other use loads them. */
async function modulesOf(use: Use | undefined): Promise<DynamicModule[]> {
  if (use === 'metrics') {
    const [{ QueueMetricsModule }, { Registry }] = await Promise.all([
      import('nestjs-job-queue/prometheus'),
      import('prom-client'),
    ]);
    return [QueueMetricsModule.forRoot({ registry: new Registry() })];
  }
  if (use !== 'tracing') return [];
  const [{ QueueTracingModule }, { trace }, { BasicTracerProvider, BatchSpanProcessor }] = await Promise.all([
    import('nestjs-job-queue/otel'),
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
  ]);
  // Every attempt is traced, and its span is exported to nowhere: the cost of an exporter is not that of the library.
  const exporter: SpanExporter = {
    export: (_spans, done) => done({ code: 0 }),
    shutdown: () => Promise.resolve(),
  };
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }));
  return [QueueTracingModule.forRoot()];
}

async function boot(settings: SystemSettings, worker: WorkerOptions | false): Promise<INestApplicationContext> {
  const { host, port, retention, without, use } = settings;
  const root: DynamicModule = {
    module: BenchModule,
    // An application without chunks has no class with them.
    providers: [Work, ...JOBS, ...(use === 'chunks' ? [ChunkJob] : [])],
    imports: [
      QueueModule.forRoot({
        driver: 'redis',
        redis: { host, port },
        statusTtl: retention === 'none' ? 0 : '24h',
        stats: without !== 'statistics',
        queues: { '*': { ...(without === 'records' && { retention: { maxCompleted: 0 } }), ...(use && LIMITS[use]) } },
        worker,
        ...(use && OPTIONS[use]),
      }),
      ...(await modulesOf(use)),
    ],
  };
  return NestFactory.createApplicationContext(root, { logger: false });
}
