import { Child } from '../../support/child.js';
import type { UsedRedis } from '../../support/use-redis.js';
import type { Project } from './project.js';

/** Starts the command in a project, with the environment variables of a Redis server. */
export function startCommand(
  project: Project,
  args: readonly string[],
  redis: UsedRedis,
  env: NodeJS.ProcessEnv = {},
): Child {
  return new Child([project.command, ...args], {
    cwd: project.folder,
    env: { PATH: process.env['PATH'], ...redisVariables(redis), ...env },
  });
}

/** Makes the environment variables that connect an application to a Redis server. */
export function redisVariables({ host, port, password, database }: UsedRedis): NodeJS.ProcessEnv {
  return {
    QUEUE_DRIVER: 'redis',
    REDIS_HOST: host,
    REDIS_PORT: String(port),
    REDIS_DATABASE: String(database),
    ...(password && { REDIS_PASSWORD: password }),
  };
}
