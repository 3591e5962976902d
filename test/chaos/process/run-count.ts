import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Writes the number of each job that runs to a file, as four bytes with their own system call. Fits millions of jobs. */
export class RunCount {
  private readonly file: number | undefined;
  private readonly entry = Buffer.alloc(4);

  /** @param path the file; without it, nothing is written */
  constructor(path?: string) {
    if (path !== undefined) this.file = openSync(path, 'a');
  }

  add(job: number): void {
    if (this.file === undefined) return;
    this.entry.writeUInt32LE(job);
    writeSync(this.file, this.entry);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }
}

/** Counts the runs of each job, for the jobs 0 to `jobs` - 1. */
export function readRunCounts(paths: readonly string[], jobs: number): Uint16Array {
  const counts = new Uint16Array(jobs);
  for (const path of paths) {
    const entries = readFileSync(path);
    for (let i = 0; i + 4 <= entries.length; i += 4) counts[entries.readUInt32LE(i)]!++;
  }
  return counts;
}
