import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from './deadline.js';

const LIMIT_MS = 40_000;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Node process. A test can wait for its output and for its end. */
export class Child {
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';

  private readonly process: ChildProcessWithoutNullStreams;

  /**
   * @param args the script and its arguments
   * @param env its environment variables; it inherits none of this process
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

  /**
   * Resolves with the first match of the pattern as soon as the process has written it.
   *
   * @throws Error with the whole output, if the process ends or 40 s pass before the match
   */
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
      throw new Error(`the process ended without writing ${pattern}${this.written}`);
    };
    return this.within(look(), `${pattern} on ${stream}`);
  }

  /**
   * Resolves when the process has ended by itself with this exit code.
   *
   * @throws Error with the whole output, if it ends otherwise or runs longer than 40 s
   */
  async endsWith(expected: number): Promise<void> {
    const { code, signal } = await this.within(this.exited, 'the end of the process');
    if (code !== expected) throw new Error(`the process ended with ${code ?? signal}, not ${expected}${this.written}`);
  }

  input(text: string): void {
    this.process.stdin.write(text);
  }

  /** Writes its whole input. */
  endInput(text: string): void {
    this.process.stdin.end(text);
  }

  /** Closes the reading end of its stdout, as a reader that has gone. */
  closeOutput(): void {
    this.process.stdout.destroy();
  }

  /** Closes the reading end of its stderr. */
  closeErrors(): void {
    this.process.stderr.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Kills the process if it still runs. */
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
