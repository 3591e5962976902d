import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Recorder } from '../../../support/recorder.js';

const PROGRAM = fileURLToPath(new URL('listener.process.ts', import.meta.url));
const LOADER = new URL('../../../support/typescript.mjs', import.meta.url).href;

/** An event that the process has heard. */
export interface HeardEvent {
  readonly type: string;
  readonly id: string;
  readonly cursor: string;
}

/** A process that listens (see `listener.process.ts`). */
export class ListenerProcess {
  readonly heard = new Recorder<HeardEvent>();
  private readonly child: ChildProcess;
  private readonly ready = new Recorder<true>();

  /** @param cursor the last event that was handled. Default: it hears what comes from now on */
  constructor(url: string, cursor?: string) {
    const argv = ['--import', LOADER, PROGRAM, JSON.stringify({ url, cursor })];
    this.child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface(this.child.stdout!).on('line', (line) => {
      const event = JSON.parse(line) as HeardEvent;
      if (event.type === 'ready') this.ready.add(true);
      else this.heard.add(event);
    });
  }

  /** Resolves when it misses no event any more. */
  async isReady(): Promise<void> {
    await this.ready.has(1);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(name);
  }

  /** Kills it, and resolves with the last event that it has told. */
  async kill(): Promise<HeardEvent | undefined> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'close');
      this.child.kill('SIGKILL');
      await ended;
    }
    return this.heard.items.at(-1);
  }
}
