import type { Cluster, Redis } from 'ioredis';

/** Closes a client at once; one that is closed is left alone, since ioredis would hold the process for two seconds. */
export function closeClient(client: Redis | Cluster): void {
  if (client.status !== 'end') client.disconnect();
}
