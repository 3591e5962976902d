import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Writes down the numbers of jobs that have run, four bytes each and at once: for millions of them. */
export class RunCount {
  private readonly file: number | undefined;
  private readonly entry = Buffer.alloc(4);

  /** @param path nothing is written without one */
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

/** How often each of so many jobs has run. */
export function readRunCounts(paths: readonly string[], jobs: number): Uint16Array {
  const counts = new Uint16Array(jobs);
  for (const path of paths) {
    const entries = readFileSync(path);
    for (let i = 0; i + 4 <= entries.length; i += 4) counts[entries.readUInt32LE(i)]!++;
  }
  return counts;
}
