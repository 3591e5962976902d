import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutageData } from '../process/jobs.js';

/** What lets an `OutageJob` fail, in all processes: a file. */
export class Outage {
  private constructor(private readonly folder: string) {}

  static async begin(): Promise<Outage> {
    const outage = new Outage(await mkdtemp(join(tmpdir(), 'nestjs-job-queue-outage-')));
    await writeFile(outage.file, '');
    return outage;
  }

  private get file(): string {
    return join(this.folder, 'outage');
  }

  /** Makes the data of jobs that fail while it lasts. @param takes milliseconds */
  jobs(count: number, takes: number): OutageData[] {
    return Array.from({ length: count }, () => ({ file: this.file, takes }));
  }

  /** Ends the outage. */
  async stop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
