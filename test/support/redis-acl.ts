import { rawCommand } from './raw-redis.js';
import type { TestRedis } from './redis-server.js';

export interface AclUser {
  readonly username: string;
  readonly password: string;
}

/** Creates a user on a private server, with rules such as `['~queue:*', '+@all', '-@dangerous']`. */
export async function createAclUser(
  { port }: Pick<TestRedis, 'port'>,
  { username, password }: AclUser,
  rules: readonly string[] = ['~*', '&*', '+@all'],
): Promise<AclUser> {
  await rawCommand(port, 'ACL', 'SETUSER', username, 'reset', 'on', `>${password}`, ...rules);
  return { username, password };
}
