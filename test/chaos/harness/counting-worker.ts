import { dirname, join } from 'node:path';
import type { QueueModuleOptions } from '../../../lib/index.js';
import { Child } from '../../support/child.js';
import { eventually } from '../../support/eventually.js';
import { ORDERS } from '../process/orders.js';
import type { Sample, CountingOrders } from '../process/counting-main.js';
import { chaosProgram } from './program.js';

const SAMPLE = 'sample ';

/** A process that works jobs by the million, and writes down their numbers alone. */
export class CountingWorker {
  private constructor(private readonly child: Child) {}

  static async start(count: string, queue: QueueModuleOptions): Promise<CountingWorker> {
    const orders: CountingOrders = { count, queue };
    const program = join(dirname(await chaosProgram()), 'counting-main.js');
    const env = { PATH: process.env['PATH'], [ORDERS]: JSON.stringify(orders) };
    const child = new Child(['--expose-gc', program], { cwd: process.cwd(), env });
    await child.prints(/^up$/m);
    return new CountingWorker(child);
  }

  /** What it has at the moment. */
  async sample(): Promise<Sample> {
    const said = (): string[] => this.child.lines.filter((line) => line.startsWith(SAMPLE));
    const before = said().length;
    this.child.input('sample\n');
    const line = await eventually(() => said()[before] ?? null, { timeout: 30_000 });
    return JSON.parse(line.slice(SAMPLE.length)) as Sample;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.child.stop();
  }

  /** SIGTERM; it has to end well. */
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
