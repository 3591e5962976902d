import { dirname, join } from 'node:path';
import { Child } from '../../support/child.js';
import type { PingTimes } from '../process/pinger.js';
import { chaosProgram } from './program.js';

/** A process that pings servers all the time, to measure the waiting time of other clients. */
export class Pinger {
  private constructor(private readonly child: Child) {}

  static async start(...ports: number[]): Promise<Pinger> {
    const program = join(dirname(await chaosProgram()), 'pinger.js');
    const child = new Child([program, ...ports.map(String)], {
      cwd: process.cwd(),
      env: { PATH: process.env['PATH'] },
    });
    await child.prints(/^up$/m);
    return new Pinger(child);
  }

  /** Ends the process, and returns the response times in the order of the ports. */
  async end(): Promise<PingTimes[]> {
    this.child.kill('SIGTERM');
    await this.child.endsWith(0);
    return JSON.parse(this.child.lines.at(-1)!) as PingTimes[];
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }
}
