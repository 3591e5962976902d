import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { findRedis } from './redis-binary.js';
import { rawCommand } from './raw-redis.js';

const READY_MS = 10_000;
const LOG = 'server.log';

export interface RedisProcessOptions {
  readonly port: number;
  /** The folder it runs in; its log is written there. */
  readonly dir: string;
  readonly args: readonly string[];
}

/**
 * Starts a server process and resolves when it answers. It is killed when the process that started it ends, however
 * that comes about.
 *
 * @throws with what the server wrote last
 */
export async function spawnRedis({ port, dir, args }: RedisProcessOptions): Promise<ChildProcess> {
  const { path, env } = await findRedis();
  const log = await open(join(dir, LOG), 'a');
  const server = spawn(path, args, {
    cwd: dir,
    env: { ...process.env, ...env },
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  server.unref();
  try {
    await once(server, 'spawn');
  } finally {
    await log.close();
  }
  guard(server, dir);
  try {
    await eventually(async () => hasEnded(server) || (await isReady(port)), { timeout: READY_MS });
    if (hasEnded(server)) throw new Error('it ended');
    return server;
  } catch (error) {
    server.kill('SIGKILL');
    const written = await readFile(join(dir, LOG), 'utf8');
    const reason = `${(error as Error).message}\n${written.slice(-2_000)}`;
    throw new Error(`No server came up on port ${port}: ${reason}`, { cause: error });
  }
}

/** Kills a server, whatever state it is in, and resolves when it is gone. */
export async function killRedis(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const ended = once(server, 'exit');
  // It keeps nobody from ending, but for who awaits this.
  server.ref();
  server.kill('SIGKILL');
  await ended;
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}

async function isReady(port: number): Promise<boolean> {
  const reply = await rawCommand(port, 'PING').catch((error: Error) => error.message);
  // One that asks for a password is up as well.
  return reply === '+PONG' || reply.startsWith('NOAUTH');
}

/**
 * A process of its own that outlives this one: when its input ends without a word, it kills the server and removes the
 * folder. Listeners for the end of this process would not do: they do not run after a SIGKILL, nor inside jest.
 */
function guard(server: ChildProcess, dir: string): void {
  const script = 'read -r word || { kill -KILL "$0"; rm -rf "$1"; }';
  const process = spawn('sh', ['-c', script, String(server.pid), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  process.unref();
  (process.stdin as unknown as { unref(): void }).unref();
  process.stdin.on('error', () => undefined);
  server.once('exit', () => process.stdin.end('ended\n'));
}
