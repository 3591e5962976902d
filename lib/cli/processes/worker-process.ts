import { fork, type ChildProcess } from 'node:child_process';
import type { FromProcess, ProbedState, ToProcess } from './messages.js';
import { CHILD_VARIABLE } from './parent-link.js';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The answer of a process to a probe. */
export interface ProcessHealth {
  readonly isAlive: boolean;
  readonly state: ProbedState;
}

/** How long a process may take to answer a probe, in milliseconds. */
const PROBE_LIMIT = 2_000;

/** One process of `--processes`. */
export class WorkerProcess {
  /** Resolves when it has ended. */
  readonly ended: Promise<ProcessEnd>;
  /** Whether its worker has started. */
  hasStarted = false;
  /** How long its running jobs may take after a signal, in seconds; `undefined` before it has started. */
  shutdownTimeout: number | undefined;
  readonly startedAt = performance.now();
  private readonly child: ChildProcess;
  private readonly probes = new Map<number, (health: ProcessHealth) => void>();
  private probeCount = 0;

  /**
   * @param script the file of the command
   * @param number from 1
   * @param onStarted called when its worker has started
   */
  constructor(
    script: string,
    args: readonly string[],
    number: number,
    private readonly onStarted: () => void,
  ) {
    this.child = fork(script, [...args], {
      env: { ...process.env, [CHILD_VARIABLE]: String(number) },
      // A terminal sends its signals to a whole group: the parent alone passes them on.
      detached: process.platform !== 'win32',
      stdio: 'inherit',
    });
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
      this.child.once('error', () => resolve({ code: 1, signal: null }));
    });
    this.child.on('message', (message) => this.receive(message as FromProcess));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Asks the process how it is; one that does not answer in time is not alive. */
  async probe(): Promise<ProcessHealth> {
    const number = ++this.probeCount;
    return new Promise((resolve) => {
      const settle = (health: ProcessHealth): void => {
        clearTimeout(timer);
        this.probes.delete(number);
        resolve(health);
      };
      const message = `Process ${this.pid} does not answer`;
      const silent: ProcessHealth = { isAlive: !this.hasStarted, state: { status: 'down', message } };
      const timer = setTimeout(() => settle(silent), PROBE_LIMIT);
      this.probes.set(number, settle);
      if (!this.hasStarted || !this.child.connected) return settle(silent);
      this.child.send({ type: 'probe', number } satisfies ToProcess, (error) => {
        if (error) settle(silent);
      });
    });
  }

  private receive(message: FromProcess): void {
    if (message.type === 'probed') {
      this.probes.get(message.number)?.(message);
    } else {
      this.hasStarted = true;
      this.shutdownTimeout = message.shutdownTimeout;
      this.onStarted();
    }
  }
}
