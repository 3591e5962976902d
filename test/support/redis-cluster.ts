import { eventually } from './eventually.js';
import { rawCommand } from './raw-redis.js';
import { type StartRedisOptions, startRedis, type TestRedis } from './redis-server.js';

const SLOTS = 16_384;

export interface TestRedisCluster {
  readonly nodes: readonly TestRedis[];
  /** The nodes from which a client discovers the cluster. */
  readonly startupNodes: ReadonlyArray<{ host: string; port: number }>;
  stop(): Promise<void>;
}

/** Starts three masters that share the slots evenly. Resolves when each of them reports a complete cluster. */
export async function startRedisCluster({ config = [] }: StartRedisOptions = {}): Promise<TestRedisCluster> {
  const clusterConfig = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...config];
  const nodes = await Promise.all([1, 2, 3].map(() => startRedis({ config: clusterConfig })));
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    await join(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, startupNodes: nodes.map(({ host, port }) => ({ host, port })), stop };
}

async function join(nodes: readonly TestRedis[]): Promise<void> {
  const [first] = nodes as [TestRedis];
  for (const [index, { host, port }] of nodes.entries()) {
    const from = Math.floor((SLOTS * index) / nodes.length);
    const to = Math.floor((SLOTS * (index + 1)) / nodes.length) - 1;
    await rawCommand(port, 'CLUSTER', 'ADDSLOTSRANGE', from, to);
    await rawCommand(port, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    if (port !== first.port) await rawCommand(first.port, 'CLUSTER', 'MEET', host, port);
  }
  await Promise.all(nodes.map(({ port }) => eventually(() => isWhole(port, nodes.length), { timeout: 15_000 })));
}

async function isWhole(port: number, size: number): Promise<boolean> {
  const info = await rawCommand(port, 'CLUSTER', 'INFO');
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${size}`);
}
