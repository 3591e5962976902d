import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { jobSpec } from '../../../lib/job/job-spec.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';
import { BulkJob, ManagerScene, PictureJob } from './manager-scene.js';

let scene: ManagerScene;

beforeEach(() => void (scene = new ManagerScene()));
afterEach(() => scene.close());

it('metadata and tags are stored beside the data, as they were at the push', async () => {
  const { manager } = scene;
  const metadata: Record<string, string> = { tenant: 'a' };
  const tags = ['x', 'y', 'x'];
  const pushing = manager.push(BulkJob, 1, { metadata, tags });
  metadata['tenant'] = 'b';
  tags.push('z');
  await pushing;
  await manager.pushMany([jobSpec(BulkJob, 2, { tags: ['own'] }), new PictureJob('a')], { metadata: { by: 'call' } });
  const first = await manager.pop();
  expect(first).toMatchObject({ metadata: { tenant: 'a' }, tags: ['x', 'y'], data: 1 });
  expect(await manager.pop()).toMatchObject({ metadata: { by: 'call' }, tags: ['own'] });
  expect(await manager.pop()).toMatchObject({ metadata: { by: 'call' }, tags: [] });
});

it('a push without them stores no header', async () => {
  await scene.manager.push(BulkJob, 1, { queue: 'default', metadata: undefined, tags: undefined });
  expect(await scene.claim()).toMatchObject([{ body: 'hBulkJob\n1' }]);
});

it.each([
  { metadata: 'a' },
  { metadata: ['a'] },
  { metadata: null },
  { metadata: { a: 5 } },
  { metadata: { a: 'x'.repeat(4_096) } },
  { metadata: JSON.parse('{"__proto__":"a"}') as unknown },
  { tags: 'a' },
  { tags: [''] },
  { tags: [5] },
  { tags: ['x'.repeat(4_096)] },
  { retryJitter: 2 },
  { maxRetryDelay: -1 },
  { maxCrashes: 0 },
  { maxReleases: -1 },
  { maxTries: Infinity },
  { retryFor: 0 },
  { retryFor: 172_800_000 },
  { expiresIn: 0 },
  { expiresIn: '0s' },
  { expiresIn: 600_000_000 },
  { maxReleases: 0.5 },
  { backoff: 'linear' },
  { backoff: [] },
  { backoff: ['1s', -1] },
  { backoff: [86_401] },
  { backoff: Array.from({ length: 101 }, () => 1) },
])('%j is refused, and nothing is stored', async (options) => {
  const { manager } = scene;
  await expect(manager.push(BulkJob, 1, options as never)).rejects.toThrow(InvalidOptionError);
  await expect(manager.push(BulkJob, 1, options as never)).rejects.toThrow(`"push options.${Object.keys(options)[0]}"`);
  expect(await manager.queues()).toEqual([]);
});
