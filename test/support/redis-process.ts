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
  /** The working folder. The server writes its log there. */
  readonly dir: string;
  readonly args: readonly string[];
}

/**
 * Starts a server process and resolves when it replies. Kills it when this process ends, even by SIGKILL.
 *
 * @throws Error with the last output of the server
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
    if (hasEnded(server)) throw new Error('the server ended');
    return server;
  } catch (error) {
    server.kill('SIGKILL');
    const written = await readFile(join(dir, LOG), 'utf8');
    const reason = `${(error as Error).message}\n${written.slice(-2_000)}`;
    throw new Error(`No server started on port ${port}: ${reason}`, { cause: error });
  }
}

/** Kills a server, even a stopped one, and resolves when it has ended. */
export async function killRedis(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const ended = once(server, 'exit');
  // A server does not keep this process alive, except while a test waits for its end.
  server.ref();
  server.kill('SIGKILL');
  await ended;
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}

async function isReady(port: number): Promise<boolean> {
  const reply = await rawCommand(port, 'PING').catch((error: Error) => error.message);
  // A server that asks for a password is ready too.
  return reply === '+PONG' || reply.startsWith('NOAUTH');
}

/**
 * Starts a shell that outlives this process: when its input ends without a line, it kills the server and removes the
 * folder. An exit listener of this process would not run after a SIGKILL, nor inside jest.
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
