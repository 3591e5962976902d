import { dirname, join } from 'node:path';
import type { QueueModuleOptions } from '../../../lib/index.js';
import { Child } from '../../support/child.js';
import { eventually } from '../../support/eventually.js';
import { OPTIONS_VARIABLE } from '../process/process-options.js';
import type { Sample, CountingOptions } from '../process/counting-main.js';
import { chaosProgram } from './program.js';

const SAMPLE = 'sample ';

/** A worker process for millions of jobs. It records only the numbers of the jobs that it runs. */
export class CountingWorker {
  private constructor(private readonly child: Child) {}

  static async start(count: string, queue: QueueModuleOptions): Promise<CountingWorker> {
    const options: CountingOptions = { count, queue };
    const program = join(dirname(await chaosProgram()), 'counting-main.js');
    const env = { PATH: process.env['PATH'], [OPTIONS_VARIABLE]: JSON.stringify(options) };
    const child = new Child(['--expose-gc', program], { cwd: process.cwd(), env });
    await child.prints(/^up$/m);
    return new CountingWorker(child);
  }

  /** Measures the memory and the open handles of the process. */
  async sample(): Promise<Sample> {
    const samples = (): string[] => this.child.lines.filter((line) => line.startsWith(SAMPLE));
    const before = samples().length;
    this.child.input('sample\n');
    const line = await eventually(() => samples()[before] ?? null, { timeout: 30_000 });
    return JSON.parse(line.slice(SAMPLE.length)) as Sample;
  }

  /** Kills the process with SIGKILL. */
  async kill(): Promise<void> {
    await this.child.stop();
  }

  /**
   * Stops the process with SIGTERM, and waits for its end.
   *
   * @throws Error if it ends with another exit code than 0
   */
  async drain(): Promise<void> {
    this.child.kill('SIGTERM');
    const { signal, code } = await this.child.exited;
    if (signal !== 'SIGTERM' && code !== 0)
      throw new Error(`a worker ended with ${code ?? signal}\n${this.child.stderr}`);
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }
}
