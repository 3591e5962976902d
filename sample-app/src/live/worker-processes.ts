import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

const MODULE = fileURLToPath(new URL('../app.module.js', import.meta.url));
const PACKAGE = createRequire(import.meta.url).resolve('nestjs-job-queue/package.json');
const COMMAND = join(dirname(PACKAGE), 'dist/cli/main.js');

/** Starts worker processes, as `npx queue-worker parcels` does, to kill them: their jobs come back. */
@Injectable()
export class WorkerProcesses implements OnApplicationShutdown {
  private readonly children = new Map<number, ChildProcess>();

  has(pid: number): boolean {
    return this.children.has(pid);
  }

  /** @returns the id of the process */
  async start(): Promise<number> {
    const child = spawn(process.execPath, [COMMAND, '--module', MODULE, '--quiet', 'parcels'], { stdio: 'ignore' });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    const pid = child.pid!;
    this.children.set(pid, child);
    child.once('exit', () => this.children.delete(pid));
    return pid;
  }

  /** Kills the oldest of these processes: it cannot give back its jobs. @returns its id, if there is one */
  kill(): number | undefined {
    const [oldest] = this.children;
    if (!oldest) return undefined;
    oldest[1].kill('SIGKILL');
    return oldest[0];
  }

  onApplicationShutdown(): void {
    for (const child of this.children.values()) child.kill('SIGTERM');
  }
}
