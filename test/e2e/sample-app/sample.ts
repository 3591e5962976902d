import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { JobStatus, QueueModuleOptions } from 'nestjs-job-queue';
import request from 'supertest';
import { AppModule } from '../../../sample-app/src/app.module.js';
import { AppConfig } from '../../../sample-app/src/config/app.config.js';
import { eventually } from '../../support/eventually.js';

/** A running sample application with its own outbox. */
export interface Sample {
  readonly outbox: string;
  readonly server: Server;
  readonly app: INestApplication<Server>;
  /** Requests the status of a job with GET /jobs/:id. */
  status(id: string): Promise<JobStatus>;
  /** Resolves when a job has this status. */
  becomes(id: string, status: JobStatus['status']): Promise<JobStatus>;
  close(): Promise<void>;
}

/** @param override replaces providers of the application */
export async function startSample(
  queue: QueueModuleOptions,
  settings: Partial<AppConfig> = {},
  override: (builder: TestingModuleBuilder) => TestingModuleBuilder = (builder) => builder,
): Promise<Sample> {
  const outbox = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-outbox-'));
  const config = Object.assign(new AppConfig(), { outbox, queue: { logger: false, ...queue }, ...settings });
  const builder = Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(AppConfig)
    .useValue(config);
  const testing = await override(builder).compile();
  const app: INestApplication<Server> = testing.createNestApplication({ logger: false });
  await app.init();
  const status = async (id: string): Promise<JobStatus> => {
    const response = await request(app.getHttpServer()).get(`/jobs/${id}`).expect(200);
    return response.body as JobStatus;
  };
  return {
    outbox,
    server: app.getHttpServer(),
    app,
    status,
    becomes: (id, wanted) =>
      eventually(
        async () => {
          const now = await status(id);
          if (now.status !== wanted) throw new Error(`job ${id} is still ${now.status}`);
          return now;
        },
        { timeout: 15_000 },
      ),
    close: async () => {
      await app.close();
      await rm(outbox, { recursive: true });
    },
  };
}
