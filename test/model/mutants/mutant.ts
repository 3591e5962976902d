import { readFile } from 'node:fs/promises';

/** A fault on purpose, in one line of the library. It is made while the file is loaded: nothing on disk is touched. */
export interface Mutant {
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** A line, without what it is indented by; there has to be exactly one. */
  readonly find: string;
  /** What stands there instead; empty for nothing. */
  readonly replace: string;
  readonly driver: 'redis' | 'array';
}

const ROOT = new URL('../../../', import.meta.url);

export function fileOf({ file }: Mutant): URL {
  return new URL(file, ROOT);
}

/** The source of the file with the fault in it. @throws where the line is not there exactly once */
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
