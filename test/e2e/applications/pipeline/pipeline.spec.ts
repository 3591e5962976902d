import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  CLOCK,
  Job,
  jobSpec,
  QueueAdmin,
  QueueEvents,
  QueueManager,
  Worker,
  type JobHandlerOf,
} from 'nestjs-job-queue';
import { eventually } from '../../../support/eventually.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { Albums, type AlbumMail } from './album-mail.js';
import { ClientMessages } from './client-messages.js';
import { MemoryLibrary } from './library.js';
import { AlreadyRunningError, Operations, ScanLibrary } from './operations.js';
import { Nightly } from './nightly.js';
import { PipelineModule } from './pipeline.module.js';
import { stageSpec } from './stage-handlers.js';
import { DetectFaces, GenerateThumbnail, type Stage, type StageData, type StageResult } from './stages.js';

const PHOTO = ['sidecar', 'metadata', 'path', 'preview', 'thumbnail', 'smart', 'faces', 'person'];
const ALBUM = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
const USER = '0e4fd1c6-3a52-4b8f-9a4e-3b1d6f3b0c11';

describe('a pipeline under the hand of an operator, on the array driver in virtual time', () => {
  let app: TestingModule;
  let clock: FakeClock;
  let library: MemoryLibrary;
  let mails: AlbumMail[];
  let onMail: (mail: AlbumMail) => Promise<void>;
  let queue: QueueManager;
  let admin: QueueAdmin;
  let operations: Operations;

  beforeEach(async () => {
    [clock, library, mails, onMail] = [new FakeClock(), new MemoryLibrary(), [], async () => undefined];
    const mailer = {
      send: async (mail: AlbumMail): Promise<void> => {
        mails.push(mail);
        await onMail(mail);
      },
    };
    app = await Test.createTestingModule({
      imports: [PipelineModule.of({ driver: 'array', worker: false }, library, mailer)],
    })
      .overrideProvider(CLOCK)
      .useValue(clock)
      .compile();
    await app.init();
    [queue, admin, operations] = [app.get(QueueManager), app.get(QueueAdmin), app.get(Operations)];
  });
  afterEach(async () => {
    await app.close();
  });

  /** Runs all jobs that can start now, and those that can start after them. */
  async function work(): Promise<void> {
    while ((await app.get(Worker).runOnce()) > 0);
  }

  const assets = (count: number): string[] => Array.from({ length: count }, (_, at) => `asset-${at}`);

  test('finds its handlers, and refuses a second one of a job at the start', async () => {
    @Job(DetectFaces)
    class OtherHandler implements JobHandlerOf<Stage> {
      handle(_data: StageData): StageResult {
        return 'skipped';
      }
    }
    const module = PipelineModule.of({ driver: 'array', worker: false }, library, { send: async () => undefined });
    const twice = await Test.createTestingModule({ imports: [module], providers: [OtherHandler] }).compile();
    await expect(twice.init()).rejects.toThrow(/detect-faces/);
  });

  describe('takes each asset through its stages', () => {
    test('and makes each artefact once', async () => {
      library.kinds.set('asset-1', 'video');
      await operations.upload(assets(3));
      await operations.upload(assets(3));
      await work();

      expect(library.rows.get('asset-0')?.toSorted()).toEqual(PHOTO.toSorted());
      expect(library.rows.get('asset-1')?.toSorted()).toEqual([...PHOTO, 'video'].toSorted());
      expect(library.rows.size).toBe(3);
    });

    test('and tells the clients of metadata and previews', async () => {
      const heard: string[] = [];
      app.get(ClientMessages).messages.subscribe(({ id }) => heard.push(id));
      await operations.upload(['asset-0']);
      await work();
      expect(heard).toEqual(['extract-metadata/asset-0', 'generate-preview/asset-0']);
    });

    test('and goes no further than a stage that fails for good, until an operator retries it', async () => {
      library.failure = (_asset, artefact) => (artefact === 'path' ? new Error('disk is full') : undefined);
      await operations.upload(['asset-0']);
      await work();
      await clock.advance(5);
      await work();
      expect(library.rows.get('asset-0')).toEqual(['sidecar', 'metadata']);

      library.failure = () => undefined;
      expect(await admin.retryAll('storage')).toBe(1);
      await work();
      expect(library.rows.get('asset-0')?.toSorted()).toEqual(PHOTO.toSorted());
    });
  });

  test('queues the thumbnails of 100,000 assets in parts, and once at a time', async () => {
    for (const asset of assets(100_000)) library.kinds.set(asset, 'photo');
    await operations.queueAllThumbnails();
    await expect(operations.queueAllThumbnails()).rejects.toThrow(AlreadyRunningError);
    app.get(Worker).pause('thumbnails');
    await work();

    expect(await queue.counts('thumbnails')).toMatchObject({ ready: 100_000 });
    await operations.queueAllThumbnails();
  }, 60_000);

  describe('lets an operator', () => {
    const report = async (name: string) => (await operations.report()).find((each) => each.name === name)!;

    test('pause a queue while the others go on, and resume it', async () => {
      await admin.pause('storage');
      await operations.upload(assets(4));
      await work();
      expect(await report('storage')).toMatchObject({ waiting: 4, active: 0, isActive: false, isPaused: true });
      expect(await report('metadata')).toMatchObject({ waiting: 0, isPaused: false });

      await admin.resume('storage');
      await work();
      expect(library.rows.get('asset-3')).toHaveLength(PHOTO.length);
    });

    test('see how many jobs run', async () => {
      await operations.upload(assets(3));
      const job = await queue.pop('sidecar');
      expect(await report('sidecar')).toMatchObject({ active: 1, waiting: 2, isActive: true });
      await job!.complete();
      expect(await report('sidecar')).toMatchObject({ active: 0, waiting: 2, isActive: false });
    });

    test('empty a queue, and clear what has failed', async () => {
      await queue.pushMany([
        ...assets(3).map((asset) => stageSpec(GenerateThumbnail, asset)),
        jobSpec(GenerateThumbnail, { asset: 'later' }, { delay: '1h' }),
      ]);
      expect(await operations.empty('thumbnails')).toBe(4);

      library.failure = () => new Error('disk is full');
      await operations.personThumbnail('asset-0');
      await work();
      await clock.advance(5);
      await work();
      expect(await report('thumbnails')).toMatchObject({ failed: 1, waiting: 0, delayed: 0 });
      expect(await operations.clearFailed('thumbnails')).toBe(1);
      expect(await report('thumbnails')).toMatchObject({ failed: 0 });
    });

    test('change how many jobs of a queue run at once, and change that back', async () => {
      await operations.upload(assets(20));
      const take = async (): Promise<number> => {
        const jobs = [];
        for (let job = await queue.pop('sidecar'); job; job = await queue.pop('sidecar')) jobs.push(job);
        for (const job of jobs.reverse()) await job.release();
        return jobs.length;
      };
      await operations.setConcurrency('sidecar', 1);
      expect(await take()).toBe(1);
      await operations.setConcurrency('sidecar', 8);
      expect(await take()).toBe(8);
      await operations.setConcurrency('sidecar', 1);
      expect(await take()).toBe(1);
    });

    test('search by queue and name over jobs that wait and that have failed, and remove one', async () => {
      library.failure = (asset) => (asset === 'asset-0' ? new Error('disk is full') : undefined);
      await operations.personThumbnail('asset-0');
      await work();
      await clock.advance(5);
      await work();
      await operations.personThumbnail('asset-1');

      const found = await operations.search('thumbnails', 'generate-thumbnail');
      expect(found.map(({ id, state }) => [id, state])).toEqual([
        ['generate-thumbnail/asset-1', 'queued'],
        ['generate-thumbnail/asset-0', 'failed'],
      ]);
      expect(await operations.search('thumbnails', 'generate-preview')).toEqual([]);
      expect(await admin.remove('generate-thumbnail/asset-0')).toBe(1);
      expect(await operations.search('thumbnails', 'generate-thumbnail')).toHaveLength(1);
    });

    test('see counts, durations and failures of each queue', async () => {
      library.failure = (asset, artefact) =>
        asset === 'asset-0' && artefact === 'metadata' ? new Error('no tags') : undefined;
      await operations.upload(assets(3));
      await work();
      await clock.advance(5);
      await work();

      const { total } = await admin.stats('metadata');
      expect(total).toMatchObject({ completed: 2, failed: 1, retried: 1 });
      expect(total.run).toMatchObject({ p50: expect.any(Number), p99: expect.any(Number) });
      expect((await admin.stats('sidecar')).total.completed).toBe(3);
    });
  });

  test('has one job of a name that is its id, and takes the id again right after its end', async () => {
    const spec = jobSpec(ScanLibrary, undefined, { id: 'scan-library', unique: true });
    const bulk = await queue.dispatchMany([spec, spec]);
    expect(bulk.map(({ outcome }) => outcome)).toEqual(['queued', 'duplicate']);
    await work();
    expect((await queue.dispatch(spec)).outcome).toBe('queued');
  });

  describe('mails of an album', () => {
    test('tell all photos of the last minutes, five minutes after the last one', async () => {
      const albums = app.get(Albums);
      for (const photo of ['a', 'b', 'c']) {
        await albums.addPhoto(ALBUM, USER, photo);
        await clock.advance(299);
        await work();
      }
      expect(mails).toEqual([]);
      await clock.advance(1);
      await work();
      expect(mails).toEqual([{ album: ALBUM, user: USER, photos: ['a', 'b', 'c'] }]);
    });

    test('lose no photo that comes while one is sent', async () => {
      const albums = app.get(Albums);
      await albums.addPhoto(ALBUM, USER, 'a');
      await clock.advance(300);
      onMail = async () => {
        onMail = async () => undefined;
        await albums.addPhoto(ALBUM, USER, 'b');
      };
      await work();
      await clock.advance(300);
      await work();
      expect(mails.map(({ photos }) => photos)).toEqual([['a'], ['b']]);
    });
  });

  test('makes the thumbnail that a user waits for before those of a bulk', async () => {
    await queue.pushMany(assets(50).map((asset) => stageSpec(GenerateThumbnail, asset)));
    await operations.personThumbnail('person');
    await app.get(Worker).runOnce();
    expect([...library.rows.keys()]).toContain('person');
    expect(library.rows.size).toBeLessThan(50);
  });

  describe('does its nightly jobs', () => {
    test('at the hour of the admin, also after he has changed it, once a night', async () => {
      const nightly = app.get(Nightly);
      await nightly.setTime({ hour: 3, timeZone: 'Europe/Berlin' });
      // Each process of the application sets it when it starts.
      await nightly.setTime({ hour: 3, timeZone: 'Europe/Berlin' });
      const passHours = async (hours: number): Promise<void> => {
        for (let hour = 0; hour < hours; hour++) {
          await clock.advance(3_600);
          await work();
        }
      };
      await passHours(48);
      expect(library.notes.filter((note) => note.startsWith('night'))).toEqual([
        'night of 2026-01-01T02:00:00.000Z',
        'night of 2026-01-02T02:00:00.000Z',
      ]);
      await nightly.setTime({ hour: 5, timeZone: 'Europe/Berlin' });
      await passHours(24);
      expect(library.notes.filter((note) => note.startsWith('night')).slice(2)).toEqual([
        'night of 2026-01-03T04:00:00.000Z',
      ]);
    });

    test('and recognises faces only when all faces are detected', async () => {
      for (const asset of assets(30)) library.kinds.set(asset, 'photo');
      await app.get(Nightly).setTime({ hour: 3, timeZone: 'UTC' });
      await clock.advance(3 * 3_600);
      await work();
      await eventually(async () => {
        await work();
        expect(library.notes).toEqual(['night of 2026-01-01T03:00:00.000Z', 'recognised 30 of 30']);
      });
    });
  });

  test('tells by an event that a queue has run dry', async () => {
    const dry: string[] = [];
    app.get(QueueEvents).on('queue-drained', ({ queue: name }) => dry.push(name));
    await queue.pushMany(assets(30).map((asset) => stageSpec(DetectFaces, asset)));
    await work();
    expect(dry).toContain('faces');
    expect(library.rows.get('asset-29')).toContain('faces');
  });
});
