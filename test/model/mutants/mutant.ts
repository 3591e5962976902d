import { readFile } from 'node:fs/promises';

/** A deliberate fault in one line of the library. It is made while Node loads the file: no file on disk changes. */
export interface Mutant {
  readonly name: string;
  /** The path from the root of the project. */
  readonly file: string;
  /** A line without its indentation; the file has to contain it exactly once. */
  readonly find: string;
  /** The line that replaces it; empty for none. */
  readonly replace: string;
  readonly driver: 'redis' | 'array';
  /** The model that has to catch it. Default: that of a queue. */
  readonly model?: 'flows';
}

const ROOT = new URL('../../../', import.meta.url);

export function fileOf({ file }: Mutant): URL {
  return new URL(file, ROOT);
}

/** Returns the source of the file with the fault. @throws if the file does not contain the line exactly once */
export async function mutate(mutant: Mutant): Promise<string> {
  const lines = (await readFile(fileOf(mutant), 'utf8')).split('\n');
  const hits = lines.flatMap((line, index) => (line.trim() === mutant.find ? [index] : []));
  if (hits.length !== 1) {
    throw new Error(
      `Mutant "${mutant.name}" does not fit ${mutant.file} any more: ${hits.length} lines are ${mutant.find}`,
    );
  }
  lines[hits[0]!] = mutant.replace;
  return lines.join('\n');
}
