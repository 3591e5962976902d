import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../../support/deadline.js';
import type { SystemName } from '../systems/system.interface.js';
import type { SubjectArguments, TaskReply, TaskRequest } from './protocol.js';
import type { OptionsOf, ResultOf, TaskName } from './tasks/tasks.js';

const PROCESS = fileURLToPath(new URL('./subject.process.ts', import.meta.url));
const TYPESCRIPT = new URL('../../support/typescript.mjs', import.meta.url).href;
/** The time limit of a task, in milliseconds. No task takes nearly as long. */
const TASK_LIMIT = 120_000;

/** A measured system in its own process, so that its heap and its compiled code do not affect other systems. */
export class Subject {
  readonly system: SystemName;
  private readonly child: ChildProcess;
  private readonly gone: Promise<never>;

  constructor(args: SubjectArguments) {
    this.system = args.system;
    this.child = fork(PROCESS, [JSON.stringify(args)], {
      execArgv: ['--expose-gc', '--import', TYPESCRIPT],
      // The output of a system is not part of the report on stdout.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.gone = once(this.child, 'exit').then(([code, signal]) => {
      throw new Error(`the process of ${args.system} ended (${String(signal ?? code)})`);
    });
    this.gone.catch(() => undefined);
  }

  /**
   * Runs a task in the process.
   *
   * @throws Error if the task throws, if the process ends, or if it sends no reply within two minutes
   */
  async run<Name extends TaskName>(task: Name, options: OptionsOf<Name>): Promise<ResultOf<Name>> {
    const request: TaskRequest = { task, options };
    const replied = once(this.child, 'message') as Promise<[TaskReply]>;
    this.child.send(request);
    const [reply] = await within(Promise.race([replied, this.gone]), TASK_LIMIT, `${task} of ${this.system}`);
    if ('error' in reply) throw new Error(`${task} of ${this.system}: ${reply.error}`);
    return reply.result as ResultOf<Name>;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
