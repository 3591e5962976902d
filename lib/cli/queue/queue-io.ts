import { createInterface } from 'node:readline/promises';
import { text as readAll } from 'node:stream/consumers';
import { writerOf } from '../output.js';

/** The side of the process that the commands reach. */
export interface QueueIo {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Reads the whole input. */
  readInput(): Promise<string>;
  /** Asks the user; missing if nobody sits at a terminal. */
  readonly ask?: (question: string) => Promise<boolean>;
}

/** The streams of the process. */
export function processIo(): QueueIo {
  const { stdin, stdout, stderr } = process;
  return {
    write: writerOf(stdout),
    writeError: writerOf(stderr),
    readInput: () => readAll(stdin),
    ...(stdin.isTTY && stderr.isTTY && { ask }),
  };
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} (yes/no) `)).trim());
  } finally {
    terminal.close();
  }
}
