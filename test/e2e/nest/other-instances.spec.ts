import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Inject, Injectable, Module, UseGuards, type CanActivate, type DynamicModule } from '@nestjs/common';
import { Job, QueueModule, type JobInterface } from 'nestjs-job-queue';
import { RecordingLogger } from '../../support/recording-logger.js';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const logger = new RecordingLogger();
beforeEach(() => logger.clear());
afterEach(closeQueueApps);

@Job()
class PurgeJob {
  constructor(@Inject('DB') readonly db: string) {}
  handle(): void {}
}

@Job()
class PurgeOneJob implements JobInterface {
  @Inject('DB') private readonly db!: string;
  constructor(readonly id: number) {}
  handle(): void {
    void this.db;
  }
}

@Injectable()
class DatabaseGuard implements CanActivate {
  constructor(@Inject('DB') readonly db: string) {}
  canActivate(): boolean {
    return true;
  }
}

@Job()
@UseGuards(DatabaseGuard)
class GuardedJob {
  handle(): void {}
}

@Job()
class PlainJob {
  handle(): void {}
}

const database = (db: string) => ({ provide: 'DB', useValue: db });

@Module({ providers: [database('shop')] })
class ShopModule {}
@Module({ providers: [database('archive')] })
class ArchiveModule {}

async function warnings(...imports: (DynamicModule | (new () => object))[]): Promise<string[]> {
  await startQueueApp({ imports }, { logger });
  return logger.of('warn');
}

describe('a warning at start names the modules that have another instance of one job class', () => {
  test.each([
    ['in the providers of two modules', { providers: [PurgeJob] }],
    ['in forFeature() of two modules, as a handler', { imports: [QueueModule.forFeature([PurgeJob])] }],
    ['in forFeature() of two modules, with its data', { imports: [QueueModule.forFeature([PurgeOneJob])] }],
    ['in forFeature() of two modules, with other guards', { imports: [QueueModule.forFeature([GuardedJob])] }],
    ['in the providers of two modules, without dependencies', { providers: [PlainJob] }],
  ])('%s', async (_, lists) => {
    expect(await warnings({ module: ShopModule, ...lists }, { module: ArchiveModule, ...lists })).toEqual([
      expect.stringMatching(
        /^Job class \w+ is listed in 2 modules .*: ShopModule and ArchiveModule\. All its jobs run with those of ShopModule.*@Job\(\{ name/,
      ),
    ]);
  });

  test('in providers of one module, and in forFeature() of another', async () => {
    const listed = await warnings(
      { module: ShopModule, imports: [QueueModule.forFeature([PurgeJob])] },
      { module: ArchiveModule, providers: [PurgeJob] },
    );
    expect(listed).toEqual([
      expect.stringContaining('ArchiveModule and ShopModule. All its jobs run with those of Arch'),
    ]);
  });

  test('with a number, if the modules have one name', async () => {
    @Module({})
    class StoreModule {
      static register(db: string): DynamicModule {
        return { module: StoreModule, providers: [database(db), PurgeJob] };
      }
    }
    expect(await warnings(StoreModule.register('shop'), StoreModule.register('archive'))).toEqual([
      expect.stringContaining('StoreModule (number 1 of 2) and StoreModule (number 2 of 2)'),
    ]);
  });
});

describe('there is no such warning', () => {
  test('for a provider that is exported and imported by other modules', async () => {
    @Module({ providers: [database('shop'), PurgeJob], exports: [PurgeJob] })
    class SharedModule {}
    @Module({ imports: [SharedModule], exports: [SharedModule] })
    class MiddleModule {}
    @Module({ imports: [SharedModule, MiddleModule], providers: [{ provide: 'alias', useExisting: PurgeJob }] })
    class UserModule {}
    expect(await warnings(SharedModule, MiddleModule, UserModule)).toEqual([]);
  });

  test('for one instance that two modules provide', async () => {
    const providers = [{ provide: PurgeJob, useValue: new PurgeJob('shop') }];
    expect(await warnings({ module: ShopModule, providers }, { module: ArchiveModule, providers })).toEqual([]);
  });

  test('for a class in forFeature() of two modules that have the same dependencies', async () => {
    const lists = { imports: [QueueModule.forFeature([PlainJob])] };
    expect(await warnings({ module: ShopModule, ...lists }, { module: ArchiveModule, ...lists })).toEqual([]);
  });

  test('for a class in forFeature() of a module that lacks its dependencies', async () => {
    @Module({ imports: [QueueModule.forFeature([PurgeJob])] })
    class ApiModule {}
    expect(await warnings(ApiModule, { module: ShopModule, providers: [PurgeJob] })).toEqual([]);
  });
});
