import type { LoggerService } from '@nestjs/common';
import { EXIT, type ExitCode } from '../command-error.js';
import type { Probed } from '../health-server.js';
import type { PauseSignals } from '../pause-signals.js';
import type { ShutdownSignals } from '../shutdown-signals.js';
import { WorkerProcess, type ProcessEnd } from './worker-process.js';

/** How long a process may take after its jobs: to store results, and to close. In milliseconds. */
const CLOSE_LIMIT = 20_000;
/** The longest wait for jobs, if no process told it. In seconds. */
const DEFAULT_TIMEOUT = 25;
/** A process that lived as long as this did not die of its start, in milliseconds. */
const SOUND_LIFE = 10_000;
/** The first pause before a process that died at its start is started again, and the longest one, in milliseconds. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

export interface SupervisorOptions {
  readonly processes: number;
  /** The file of the command, and the arguments of each process. */
  readonly script: string;
  readonly args: readonly string[];
  /** Whether a process that ends with 0 has done its work. */
  readonly stopWhenEmpty: boolean;
}

/**
 * Runs several processes of the command, so that jobs that compute use several processors:
 *
 * 1. starts a process again that has died, or has reached a limit such as `--max-jobs`; one that dies at its start after a pause;
 * 2. passes signals on to all of them: to stop, to pause and to resume;
 * 3. kills those that have not stopped within the deadline.
 *
 * If no process ever starts to work, it ends: the application cannot run.
 */
export class Supervisor implements Probed {
  private readonly running = new Set<WorkerProcess>();
  private readonly pauses = new Set<NodeJS.Timeout>();
  private readonly deaths: number[] = [];
  private isStopping = false;
  private isPaused = false;
  /** The signal that ends a process which has not started yet. */
  private stoppedBy: NodeJS.Signals | undefined;
  private hasWorked = false;
  private exitCode: ExitCode = EXIT.ok;
  private end!: () => void;

  constructor(
    private readonly options: SupervisorOptions,
    private readonly logger: Required<Pick<LoggerService, 'warn'>>,
  ) {}

  /** Runs until all processes have ended. @returns the exit code */
  async run(signals: ShutdownSignals, pauses: PauseSignals): Promise<ExitCode> {
    const ended = new Promise<void>((resolve) => (this.end = resolve));
    signals.handleWith((signal, number) => this.stop(signal, number));
    pauses.handleWith((isPaused) => {
      this.isPaused = isPaused;
      for (const each of this.running) if (each.hasStarted) each.kill(isPaused ? 'SIGUSR2' : 'SIGCONT');
    });
    for (let number = 1; number <= this.options.processes; number++) this.start(number);
    await ended;
    return this.exitCode;
  }

  async isAlive(): Promise<boolean> {
    const all = await Promise.all([...this.running].map((each) => each.probe()));
    return all.every(({ isAlive }) => isAlive);
  }

  async state(): Promise<{ readonly status: string }> {
    const all = await Promise.all([...this.running].map((each) => each.probe()));
    return (
      all.find(({ state }) => state.status !== 'up')?.state ??
      all[0]?.state ?? { status: 'down', message: 'No process runs' }
    );
  }

  private start(number: number): void {
    const { script, args } = this.options;
    const onStarted = (): void => {
      this.hasWorked = true;
      if (this.isPaused) each.kill('SIGUSR2');
    };
    const each: WorkerProcess = new WorkerProcess(script, args, number, onStarted);
    this.running.add(each);
    void each.ended.then((end) => this.ended(each, number, end));
  }

  private ended(each: WorkerProcess, number: number, end: ProcessEnd): void {
    this.running.delete(each);
    // A wrong command line, or an application that does not start: it would be the same with the next one.
    const isHopeless = end.code !== 0 && (!this.hasWorked || end.code === EXIT.usage);
    const isDone = end.code === 0 && this.options.stopWhenEmpty;
    if (!this.isStopping && !isHopeless && !isDone) return this.restart(each, number, end);
    if (end.code !== 0 && end.signal !== this.stoppedBy) this.noteFailure(end);
    if (isHopeless && !this.isStopping) this.stop('SIGTERM', 1);
    else if (this.running.size === 0 && this.pauses.size === 0) this.end();
  }

  private restart(each: WorkerProcess, number: number, { code, signal }: ProcessEnd): void {
    const isSound = code === 0 || performance.now() - each.startedAt >= SOUND_LIFE;
    const deaths = (this.deaths[number] = isSound ? 0 : (this.deaths[number] ?? 0) + 1);
    const wait = deaths === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** (deaths - 1), LONGEST_PAUSE);
    if (code !== 0) {
      const how = signal === null ? `exit code ${code}` : signal;
      const when = wait === 0 ? 'now' : `in ${wait / 1000} s`;
      this.logger.warn(`Process ${each.pid} has died (${how}); another one starts ${when}`, 'queue-worker');
    }
    const timer = setTimeout(() => {
      this.pauses.delete(timer);
      this.start(number);
    }, wait);
    this.pauses.add(timer);
  }

  private noteFailure({ code }: ProcessEnd): void {
    if (this.exitCode !== EXIT.usage) this.exitCode = code === EXIT.usage ? EXIT.usage : EXIT.failure;
  }

  /** @param number of the signal: with the third one nobody waits any more */
  private stop(signal: NodeJS.Signals, number: number): void {
    const isFirst = !this.isStopping;
    this.isStopping = true;
    this.stoppedBy ??= signal;
    for (const timer of this.pauses) clearTimeout(timer);
    this.pauses.clear();
    for (const each of this.running) each.kill(number > 2 ? 'SIGKILL' : signal);
    if (isFirst) this.killLate();
    if (this.running.size === 0) this.end();
  }

  private killLate(): void {
    const told = [...this.running].flatMap(({ shutdownTimeout }) => shutdownTimeout ?? []);
    const longest = (told.length > 0 ? Math.max(...told) : DEFAULT_TIMEOUT) * 1000 + CLOSE_LIMIT;
    setTimeout(() => {
      for (const each of this.running) each.kill('SIGKILL');
    }, longest).unref();
  }
}
