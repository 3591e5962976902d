import { describe, expect, test } from '@jest/globals';
import { Inject, Injectable, Optional, Scope, type Type } from '@nestjs/common';
import { InvalidJobError, Job, QueueModule, type JobInterface } from 'nestjs-job-queue';
import { errorMessage } from '../../../lib/support/error-text.js';
import { buildQueueApp, startQueueApp, useSeen } from './queue-app.js';

const seen = useSeen();

interface Size {
  readonly width: number;
}

@Injectable()
class Images {}

@Job()
class ResizeJob implements JobInterface {
  constructor(
    readonly path: string,
    readonly size: Size = { width: 10 },
  ) {}
  handle(): void {
    seen.push({ path: this.path, size: this.size });
  }
}
@Job()
class InheritedJob extends ResizeJob {}
@Job()
class ListJob implements JobInterface {
  constructor(readonly paths: string[]) {}
  handle(): void {}
}
@Job()
class MixedJob {
  constructor(
    readonly images: Images,
    readonly size: Size,
  ) {}
  handle(_data: string): void {}
}
@Job()
@Injectable({ scope: Scope.REQUEST })
class ScopedJob implements JobInterface {
  constructor(readonly count: number) {}
  handle(): void {}
}

describe('a job class in providers whose constructor takes what Nest cannot inject stops the start with a hint', () => {
  test.each<[Type, string, RegExp]>([
    [ResizeJob, 'ResizeJob', /parameter [01] of its constructor, of type (String|Object)/],
    [InheritedJob, 'ResizeJob', /parameter [01] of its constructor, of type (String|Object)/],
    [ListJob, 'ListJob', /parameter 0 of its constructor, of type Array\. /],
    [
      MixedJob,
      'MixedJob',
      /parameter 1 of its constructor, of type Object\. .* @Inject\(Token\) before it \(an interface, /,
    ],
  ])('%p', async (type, owner, message) => {
    const starting = buildQueueApp({ providers: [Images, type] }).compile();
    await expect(starting).rejects.toBeInstanceOf(InvalidJobError);
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toThrow(`Job class ${owner} is in the providers of a module`);
    await expect(starting).rejects.toThrow(`list the class in QueueModule.forFeature([${owner}])`);
  });
});

test('a request-scoped class is refused at the start, or in Nest 11 when its job runs', async () => {
  const run = async (): Promise<string | undefined> => {
    const app = await startQueueApp({ providers: [ScopedJob] });
    return (await app.run(await app.queue.push(ScopedJob as never)))?.error;
  };
  expect(await run().catch(errorMessage)).toMatch(/ScopedJob .* parameter 0 of its constructor, of type Number\. /);
});

describe('there is no such error', () => {
  test('for such a class in forFeature(), which carries its data, nor for a class that extends it', async () => {
    const app = await startQueueApp({ imports: [QueueModule.forFeature([ResizeJob, InheritedJob])] });
    await app.queue.push(new ResizeJob('a'));
    await app.queue.push(new InheritedJob('b', { width: 2 }));
    await app.run();
    expect(seen).toEqual([
      { path: 'a', size: { width: 10 } },
      { path: 'b', size: { width: 2 } },
    ]);
  });

  test('for parameters with @Inject() or @Optional()', async () => {
    @Job()
    class UploadJob {
      constructor(
        readonly images: Images,
        @Inject('URL') readonly url: string,
        @Optional() readonly size: Size = { width: 7 },
        @Optional() @Inject('NOTHING') readonly retries?: number,
      ) {}
      handle(_data: string): void {
        seen.push(this.images instanceof Images, this.url, this.size, this.retries);
      }
    }
    const app = await startQueueApp({ providers: [Images, { provide: 'URL', useValue: 'ftp://a' }, UploadJob] });
    await app.queue.push(UploadJob, 'x');
    await app.run();
    expect(seen).toEqual([true, 'ftp://a', { width: 7 }, undefined]);
  });

  test('for classes that extend it, and have a constructor of their own', async () => {
    @Job()
    class ImageJob extends ResizeJob {
      constructor(readonly images: Images) {
        super('of the parent');
      }
      override handle(): void {
        seen.push(this.path, this.images instanceof Images);
      }
    }
    @Injectable()
    class ImageService extends ResizeJob {
      constructor(readonly images: Images) {
        super('of the parent');
      }
    }
    const app = await startQueueApp({ providers: [Images, ImageJob, ImageService] });
    expect(app.app.get(ImageService).images).toBeInstanceOf(Images);
    await app.queue.push(ImageJob);
    await app.run();
    expect(seen).toEqual(['of the parent', true]);
  });

  test.each([
    ['a value', { provide: ResizeJob, useValue: new ResizeJob('fixed') }],
    ['a factory', { provide: ResizeJob, useFactory: () => new ResizeJob('fixed') }],
  ])('for a provider that gives %s', async (_, provider) => {
    const app = await startQueueApp({ providers: [provider] });
    expect(app.app.get(ResizeJob).path).toBe('fixed');
  });
});
