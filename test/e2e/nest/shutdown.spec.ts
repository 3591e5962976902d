import { afterEach, describe, expect, it } from '@jest/globals';
import { Global, Injectable, Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Job, QueueManager, QueueModule, type DrainPhase, type JobHandler } from 'nestjs-job-queue';
import { deferred } from '../../support/deferred.js';
import { quiet } from '../../support/quiet.js';
import { TEST_OPTIONS } from './queue-app.js';

/** A running job may need providers that close in `onModuleDestroy`. */
describe('an application that is closed while a job runs', () => {
  const events: string[] = [];
  let app: INestApplicationContext | undefined;

  afterEach(async () => {
    await app?.close();
    app = undefined;
    events.splice(0);
  });

  @Injectable()
  class RootDatabase {
    onModuleDestroy(): void {
      events.push('root');
    }
  }

  @Injectable()
  class DeepDatabase {
    onModuleDestroy(): void {
      events.push('deep');
    }
  }
  @Module({ providers: [DeepDatabase], exports: [DeepDatabase] })
  class DeepModule {}
  @Module({ imports: [DeepModule], exports: [DeepModule] })
  class MiddleModule {}

  @Injectable()
  class GlobalDatabase {
    onModuleDestroy(): void {
      events.push('global');
    }
  }
  @Global()
  @Module({ providers: [GlobalDatabase], exports: [GlobalDatabase] })
  class GlobalModule {}

  /** Makes an application whose own module is destroyed after all modules that are not global. */
  function makeApp(drainOn: DrainPhase, job: Type): Type {
    @Module({
      imports: [MiddleModule, QueueModule.forRoot({ ...TEST_OPTIONS, worker: { drainOn } }), GlobalModule],
      providers: [RootDatabase, job],
    })
    class AppModule {
      onModuleDestroy(): void {
        events.push('application');
      }
      beforeApplicationShutdown(): void {
        events.push('before shutdown');
      }
    }
    return AppModule;
  }

  async function closeWhileJobRuns(drainOn: DrainPhase): Promise<void> {
    const started = deferred();
    const finish = deferred();

    @Job()
    class SlowJob implements JobHandler<void> {
      async handle(): Promise<void> {
        started.resolve();
        await finish.promise;
        events.push('job');
      }
    }

    app = await NestFactory.createApplicationContext(makeApp(drainOn, SlowJob), { logger: false });
    await app.get(QueueManager).push(SlowJob, undefined);
    await started.promise;
    const closing = app.close();
    await quiet();
    events.push('finish');
    finish.resolve();
    await closing;
  }

  it('waits for the job before any module is destroyed, with drainOn: onModuleDestroy', async () => {
    await closeWhileJobRuns('onModuleDestroy');
    expect(events.slice(0, 2)).toEqual(['finish', 'job']);
    expect(events.slice(2).sort()).toEqual(['application', 'before shutdown', 'deep', 'global', 'root']);
  });

  it('waits for the job after all modules are destroyed, with drainOn: beforeApplicationShutdown', async () => {
    await closeWhileJobRuns('beforeApplicationShutdown');
    expect(events.slice(-2)).toEqual(['finish', 'job']);
    expect(events.slice(0, -2).sort()).toEqual(['application', 'before shutdown', 'deep', 'global', 'root']);
  });
});
