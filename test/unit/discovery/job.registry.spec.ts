import { expect, test } from '@jest/globals';
import type { RegisteredJob } from 'nestjs-job-queue';
import { Job } from '../../../lib/decorators/job.decorator.js';
import { JobRegistry } from '../../../lib/discovery/job.registry.js';
import { DuplicateJobError, InvalidJobError } from '../../../lib/queue.errors.js';

@Job()
class FirstJob {}
@Job()
class SecondJob {}

function registered(jobClass: RegisteredJob['jobClass'], name: string, queue?: string): RegisteredJob {
  const refuse = (): never => {
    throw new Error('Not in this test');
  };
  return { name, jobClass, options: { queue }, prepare: refuse, dehydrate: refuse, takesData: true };
}

test('JobRegistry finds jobs by name, by class and by instance', () => {
  const registry = new JobRegistry();
  const job = registered(FirstJob, 'first');
  registry.register(job, 'FirstJob');
  expect(registry.find('first')).toBe(job);
  expect(registry.find('toString')).toBeUndefined();
  expect(registry.get(FirstJob)).toBe(job);
  expect(registry.get(new FirstJob())).toBe(job);
  expect(() => registry.get(SecondJob)).toThrow(/SecondJob is not registered/);
  expect(() => registry.get(Object.create(null))).toThrow(InvalidJobError);
});

test('JobRegistry lists names and queues, sorted, each once', () => {
  const registry = new JobRegistry();
  registry.register(registered(FirstJob, 'b', 'x'), 'b');
  registry.register(registered(SecondJob, 'a', 'x'), 'a');
  expect(registry.names()).toEqual(['a', 'b']);
  expect(registry.queues()).toEqual(['x']);
});

test('JobRegistry refuses a second class with the same name, and names both modules', () => {
  const registry = new JobRegistry();
  registry.register(registered(FirstJob, 'same'), 'FirstJob (OneModule)');
  expect(() => registry.register(registered(SecondJob, 'same'), 'SecondJob (TwoModule)')).toThrow(DuplicateJobError);
});
