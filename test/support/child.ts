import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from './deadline.js';

const LIMIT_MS = 40_000;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A node process whose output a test waits on. */
export class Child {
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';

  private readonly process: ChildProcessWithoutNullStreams;

  /**
   * @param args the script and its arguments
   * @param env the variables it has, in place of those of this process
   */
  constructor(args: readonly string[], { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.process = spawn(process.execPath, args, { cwd, env });
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = once(this.process, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** The complete lines of stdout. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  /** Resolves with what the pattern matched first, as soon as the process has written it. */
  async prints(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    const look = async (): Promise<RegExpExecArray> => {
      for (;;) {
        const match = pattern.exec(this[stream]);
        if (match) return match;
        const ended = this.exited.then(() => true);
        if (await Promise.race([once(this.process[stream], 'data').then(() => false), ended])) break;
      }
      const match = pattern.exec(this[stream]);
      if (match) return match;
      throw new Error(`the process ended and had not written ${pattern}${this.written}`);
    };
    return this.within(look(), `${pattern} on ${stream}`);
  }

  /** Resolves when the process has ended of itself, with this exit code. */
  async endsWith(expected: number): Promise<void> {
    const { code, signal } = await this.within(this.exited, 'the end of the process');
    if (code !== expected) throw new Error(`the process ended with ${code ?? signal}, not ${expected}${this.written}`);
  }

  input(text: string): void {
    this.process.stdin.write(text);
  }

  /** Reads no more of its stdout, as a reader that has gone. */
  closeOutput(): void {
    this.process.stdout.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Ends it, should it still run. */
  async stop(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }

  private async within<T>(promise: Promise<T>, what: string): Promise<T> {
    try {
      return await within(promise, LIMIT_MS, what);
    } catch (error) {
      throw new Error(`${(error as Error).message}${this.written}`, { cause: error });
    }
  }

  private get written(): string {
    return `\n--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`;
  }
}
