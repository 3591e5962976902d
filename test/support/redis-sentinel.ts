import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { rawStrings } from './raw-redis.js';
import { makeDir, startRedis, startServer, type TestRedis } from './redis-server.js';

const NAME = 'test-master';

export interface StartSentinelOptions {
  /** The number of sentinels. Default: 1. The majority has to agree on a failover. */
  readonly sentinels?: number;
}

export interface TestRedisSentinel {
  /** The name of the master in the configuration of the sentinels. */
  readonly name: string;
  readonly sentinels: ReadonlyArray<{ host: string; port: number }>;
  /** The servers that started as master and replica. A failover does not swap these fields. */
  readonly master: TestRedis;
  readonly replica: TestRedis;
  /** Asks a sentinel for the port of the current master. */
  masterPort(): Promise<number>;
  /** Kills the master and resolves when the sentinels have promoted the replica. */
  failover(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a master, a replica and sentinels. Resolves when a failover is possible. */
export async function startRedisSentinel({
  sentinels: count = 1,
}: StartSentinelOptions = {}): Promise<TestRedisSentinel> {
  const started: TestRedis[] = [];
  const keep = async (starting: Promise<TestRedis>): Promise<TestRedis> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    // The default delay makes a replica wait five seconds before its first synchronisation.
    const master = await keep(startRedis({ config: ['--repl-diskless-sync-delay', '0'] }));
    const replica = await keep(startRedis({ config: ['--replicaof', master.host, String(master.port)] }));
    const sentinels: TestRedis[] = [];
    for (let i = 0; i < count; i++) sentinels.push(await keep(startSentinel(master, count)));
    await Promise.all(sentinels.map(({ port }) => eventually(() => isReady(port, count), { timeout: 20_000 })));

    const masterPort = async (): Promise<number> => namedMaster(sentinels[0]!.port);
    return {
      name: NAME,
      sentinels: sentinels.map(({ host, port }) => ({ host, port })),
      master,
      replica,
      masterPort,
      failover: async () => {
        master.kill('SIGKILL');
        await eventually(async () => (await masterPort()) === replica.port, { timeout: 20_000 });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSentinel(master: TestRedis, count: number): Promise<TestRedis> {
  const port = await freePort();
  const dir = await makeDir();
  const quorum = Math.floor(count / 2) + 1;
  // A sentinel writes to its configuration, so it needs a file.
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ${NAME} ${master.host} ${master.port} ${quorum}`,
    `sentinel down-after-milliseconds ${NAME} 500`,
    `sentinel failover-timeout ${NAME} 3000`,
  ];
  await writeFile(join(dir, 'sentinel.conf'), `${lines.join('\n')}\n`);
  return startServer(port, dir, ['sentinel.conf', '--sentinel']);
}

/** Returns true if a sentinel knows the other sentinels, and a replica that is connected to the master. */
async function isReady(port: number, count: number): Promise<boolean> {
  const master = pairs(await rawStrings(port, 'SENTINEL', 'MASTER', NAME));
  const replica = pairs(await rawStrings(port, 'SENTINEL', 'REPLICAS', NAME));
  return (
    master.get('num-other-sentinels') === String(count - 1) &&
    master.get('num-slaves') === '1' &&
    replica.get('master-link-status') === 'ok'
  );
}

async function namedMaster(port: number): Promise<number> {
  const [, masterPort] = await rawStrings(port, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
  return Number(masterPort);
}

function pairs(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(flat[i]!, flat[i + 1]!);
  return map;
}
