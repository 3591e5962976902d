import type { QueueModuleOptions } from '../../../lib/index.js';
import { Child } from '../../support/child.js';
import type { History } from '../process/history.js';
import { OPTIONS_VARIABLE, type ProcessOptions } from '../process/process-options.js';
import { chaosProgram } from './program.js';

export interface ProcessSettings {
  readonly name: string;
  readonly history: string;
  readonly queue: QueueModuleOptions;
  /** Arguments of node, such as `--max-old-space-size=32`. */
  readonly nodeArgs?: readonly string[];
  readonly scriptTime?: string;
  readonly clockAhead?: number;
}

/** A worker process of a test. Records in the history of the test what the test does to it. */
export class ChaosProcess {
  private constructor(
    readonly name: string,
    private readonly child: Child,
    private readonly log: History,
  ) {}

  /** Starts a process, and resolves when its worker has started. */
  static async start(settings: ProcessSettings, log: History): Promise<ChaosProcess> {
    const started = await ChaosProcess.launch(settings, log);
    await started.child.prints(/^up$/m);
    return started;
  }

  /** Starts a process. Its first job may end it before its worker has started. */
  static async launch(
    { name, history, queue, nodeArgs = [], scriptTime, clockAhead }: ProcessSettings,
    log: History,
  ): Promise<ChaosProcess> {
    const options: ProcessOptions = { history, queue, scriptTime, clockAhead };
    const args = [...nodeArgs, await chaosProgram()];
    const env = { PATH: process.env['PATH'], [OPTIONS_VARIABLE]: JSON.stringify(options) };
    return new ChaosProcess(name, new Child(args, { cwd: process.cwd(), env }), log);
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Resolves with exit code and signal when the process has ended. */
  get exited(): Child['exited'] {
    return this.child.exited;
  }

  /** Its output on stderr: the logged errors. */
  get errors(): string {
    return this.child.stderr;
  }

  /** Kills the process with SIGKILL, and resolves when it has ended. */
  async kill(): Promise<void> {
    this.markLost('killed');
    await this.child.stop();
  }

  /** Stops the process with SIGSTOP. If its lease is to run out, the test has to call {@link markLost}. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Records that other workers may recover the jobs of this process from now on. */
  markLost(how: string): void {
    this.log.write({ type: 'lost', process: this.name, how });
  }

  /** Sends SIGTERM and waits for the end of the process. If it never ends, it is killed after the test. */
  async drain(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.child.exited;
  }

  /** Kills the process if it still runs. */
  async stop(): Promise<void> {
    await this.child.stop();
  }
}
