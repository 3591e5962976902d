import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { killRedis, spawnRedis } from './redis-process.js';

export interface StartRedisOptions {
  /** Arguments of the server, such as `['--maxmemory', '4mb']`. They replace the defaults. */
  readonly config?: readonly string[];
  /** An existing folder to run in. Default: a new temporary folder. */
  readonly dir?: string;
}

/** A private server on a free port of the loopback interface. All its files are in `dir`. */
export interface TestRedis {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly dir: string;
  readonly pid: number;
  /** Sends a signal: SIGSTOP makes the server hang, SIGKILL ends it. */
  kill(signal: NodeJS.Signals): void;
  /** Kills the server and removes its folder. May be called twice. */
  stop(): Promise<void>;
  /** Kills the server if it runs, and starts it again with the same port and folder. Resolves when it replies. */
  restart(): Promise<void>;
}

export async function startRedis({ config = [], dir }: StartRedisOptions = {}): Promise<TestRedis> {
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '3600 1000000',
    '--appendonly',
    'no',
    // A server tells that a blocking wait is over at its next tick: a hundred of them a second, in place of ten.
    '--hz',
    '100',
    ...config,
  ];
  return startServer(port, dir ?? (await makeDir()), args);
}

/** Starts a server with any arguments, for example as a sentinel. */
export async function startServer(port: number, dir: string, args: readonly string[]): Promise<TestRedis> {
  const removeDir = (): Promise<void> => rm(dir, { recursive: true, force: true, maxRetries: 10 });
  let server: ChildProcess;
  try {
    server = await spawnRedis({ port, dir, args });
  } catch (error) {
    await removeDir();
    throw error;
  }
  return {
    host: '127.0.0.1',
    port,
    url: `redis://127.0.0.1:${port}`,
    dir,
    get pid() {
      return server.pid!;
    },
    kill: (signal) => {
      server.kill(signal);
    },
    stop: async () => {
      await killRedis(server);
      await removeDir();
    },
    restart: async () => {
      await killRedis(server);
      server = await spawnRedis({ port, dir, args });
    },
  };
}

export function makeDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'nestjs-job-queue-redis-'));
}
