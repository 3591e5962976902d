import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { InvalidOptionError, InvalidStatusError, QueueConnectionError } from '../../../lib/queue.errors.js';
import { BulkJob, ManagerScene } from './manager-scene.js';

let scene: ManagerScene;

beforeEach(() => void (scene = new ManagerScene()));
afterEach(() => scene.close());

test('getJobStatus() returns the status of a job, or null if the id is unknown', async () => {
  const id = await scene.manager.push(BulkJob, 1);
  const status = await scene.manager.getJobStatus(id);
  expect(status).toEqual({ id, status: 'queued', queue: 'default', updatedAt: expect.any(Date), attempt: 0 });
  expect(await scene.manager.getJobStatus('unknown')).toBeNull();
});

test('updateJobStatus() overwrites the status, and shortens a long error', async () => {
  const id = await scene.manager.push(BulkJob, 1);
  await scene.manager.updateJobStatus(id, 'cancelled', new Error('not wanted'));
  expect(await scene.manager.getJobStatus(id)).toMatchObject({ status: 'cancelled', error: 'not wanted' });
  await scene.manager.updateJobStatus(id, 'failed', 'e'.repeat(5000));
  const { error } = (await scene.manager.getJobStatus(id))!;
  expect(error).toHaveLength(1000);
});

test.each(['done', '', undefined, null, 5, 'QUEUED'])('updateJobStatus() rejects the state %p', async (state) => {
  await expect(scene.manager.updateJobStatus('a', state as never)).rejects.toThrow(InvalidStatusError);
  await expect(scene.manager.updateJobStatus('a', state as never)).rejects.toThrow(/expected one of queued, delayed/);
});

test('updateJobStatus() rejects an error that is neither an Error nor a text', async () => {
  await expect(scene.manager.updateJobStatus('a', 'failed', 5 as never)).rejects.toThrow(InvalidOptionError);
});

test('the manager counts, clears and lists queues, and pings the storage', async () => {
  await scene.manager.pushMany(BulkJob, [1, 2, 3]);
  await scene.manager.later(BulkJob, 4, 5);
  await scene.manager.push(BulkJob, 5, 'other');
  await scene.manager.pop();
  expect(await scene.manager.counts()).toEqual({ ready: 2, blocked: 0, delayed: 1, reserved: 1, failed: 0 });
  expect(await scene.manager.counts('other')).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  expect(await scene.manager.clear()).toBe(3);
  expect(await scene.manager.counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 1, failed: 0 });
  expect(await scene.manager.queues()).toEqual(['default', 'other']);
  expect(await scene.manager.ping()).toBe(true);
});

test.each([
  [undefined, undefined],
  [{}, undefined],
  [{ timeout: undefined }, undefined],
  [{ timeout: 0.25 }, 250],
  [{ timeout: '2s' as const }, 2000],
])('ping() accepts the options %p', async (options, milliseconds) => {
  const ping = jest.spyOn(scene.driver, 'ping');
  expect(await scene.manager.ping(options)).toBe(true);
  expect(ping).toHaveBeenCalledWith(milliseconds);
});

test.each([
  [{ timeout: 0 }, /"ping options.timeout".*at least 0.001 s.*got 0/],
  [{ timeout: -1 }, /"ping options.timeout"/],
  [{ timeout: 'soon' }, /"ping options.timeout".*got "soon"/],
  [{ timeOut: 1 }, /did you mean "timeout"/],
  [5, /"ping options": expected an object, got 5/],
])('ping() rejects the options %p', async (options, message) => {
  const pinging = scene.manager.ping(options as never);
  await expect(pinging).rejects.toThrow(InvalidOptionError);
  await expect(pinging).rejects.toThrow(message);
});

test('ping() rejects if the storage does not answer', async () => {
  jest.spyOn(scene.driver, 'ping').mockRejectedValue(new QueueConnectionError('Away'));
  await expect(scene.manager.ping()).rejects.toThrow(QueueConnectionError);
});
