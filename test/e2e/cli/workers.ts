import { afterAll, afterEach, beforeAll, jest } from '@jest/globals';
import type { Child } from '../../support/child.js';
import { useRedis, type UsedRedis } from '../../support/use-redis.js';
import { startCommand } from './command.js';
import { HoldJob } from './fixture/jobs.js';
import { useProducer } from './producer.js';
import { createProject, type Project } from './project.js';

const BUILD_MS = 120_000;
/** A test starts a process that loads all of Nest. */
const TEST_MS = 60_000;

/** What the tests of the command have: a server, a project, an application that pushes jobs, and processes of the command. */
export interface Workers {
  readonly redis: UsedRedis;
  readonly project: Project;
  readonly queue: ReturnType<typeof useProducer>['queue'];
  /** Starts the command. The process ends with the test, at the latest. */
  start(args?: readonly string[], env?: NodeJS.ProcessEnv): Child;
  /** Starts a worker with a running job that ends when the process gets a line of input. */
  startHolding(args?: readonly string[]): Promise<{ readonly worker: Child; readonly id: string }>;
}

export function useWorkers(): Workers {
  jest.setTimeout(TEST_MS);
  const redis = useRedis();
  const producer = useProducer(redis);
  const children: Child[] = [];
  let project: Project;

  beforeAll(async () => {
    project = await createProject('es6');
  }, BUILD_MS);
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.stop()));
  });
  afterAll(() => project.remove());

  const start: Workers['start'] = (args = [], env = {}) => {
    const child = startCommand(project, args, redis, env);
    children.push(child);
    return child;
  };
  return {
    redis,
    get project() {
      return project;
    },
    get queue() {
      return producer.queue;
    },
    start,
    async startHolding(args) {
      const id = await producer.queue.push(HoldJob, null);
      const worker = start(args);
      await worker.prints(new RegExp(`holding ${id}`), 'stderr');
      return { worker, id };
    },
  };
}
