import type { QueueModuleOptions } from '../../../lib/index.js';
import { Child } from '../../support/child.js';
import type { History } from '../process/history.js';
import { ORDERS, type Orders } from '../process/orders.js';
import { chaosProgram } from './program.js';

export interface ProcessSettings {
  readonly name: string;
  readonly history: string;
  readonly queue: QueueModuleOptions;
  /** Arguments of node, such as `--max-old-space-size=32`. */
  readonly nodeArgs?: readonly string[];
  readonly scriptTime?: string;
}

/** A process of a test that works jobs. What the test does to it goes into the test's own history. */
export class ChaosProcess {
  private constructor(
    readonly name: string,
    private readonly child: Child,
    private readonly log: History,
  ) {}

  /** Starts one; it is up when its worker has started. */
  static async start(
    { name, history, queue, nodeArgs = [], scriptTime }: ProcessSettings,
    log: History,
  ): Promise<ChaosProcess> {
    const orders: Orders = { history, queue, scriptTime };
    const args = [...nodeArgs, await chaosProgram()];
    const env = { PATH: process.env['PATH'], [ORDERS]: JSON.stringify(orders) };
    const started = new ChaosProcess(name, new Child(args, { cwd: process.cwd(), env }), log);
    await started.child.prints(/^up$/m);
    return started;
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Resolves when it has ended, with how it did. */
  get exited(): Child['exited'] {
    return this.child.exited;
  }

  /** What it said on stderr: its errors, that is. */
  get errors(): string {
    return this.child.stderr;
  }

  /** `kill -9`. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.lose('killed');
    await this.child.stop();
  }

  /** SIGSTOP. If it is to be given up before it goes on, the test has to say {@link lose}. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Says that others may run again what it holds from now on. */
  lose(how: string): void {
    this.log.write({ type: 'lost', process: this.name, how });
  }

  /** SIGTERM, and waits for its end; it is killed with the test should it never come. */
  async drain(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.child.exited;
  }

  /** Kills what is left of it, when the test is over. */
  async stop(): Promise<void> {
    await this.child.stop();
  }
}
