import type { Block } from './docs.js';

/** One command of a shell block, or of a setting that starts a program. */
export interface Command {
  readonly variables: readonly string[];
  readonly words: readonly string[];
}

/** Reads the commands in the shell blocks of a document, or of all documents. */
export function commandsOf({ blocks }: { readonly blocks: readonly Block[] }): Command[] {
  const lines = blocks.filter(({ lang }) => lang === 'sh' || lang === 'bash').flatMap(({ text }) => text.split('\n'));
  return lines.flatMap((line) => line.replace(/(^|\s)# .*$/, '').split('&&')).flatMap(readCommand);
}

function readCommand(line: string): Command[] {
  const words = splitWords(line);
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  if (first === -1) return [];
  return [{ variables: words.slice(0, first).map((word) => word.split('=')[0]!), words: words.slice(first) }];
}

/** Splits a line into words as a shell does, as far as the documents need it. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare!);
}

/** Finds the arguments of `queue-worker`, if a command starts it. */
export function workerArguments({ words }: Command): readonly string[] | undefined {
  const [program = '', ...rest] = words;
  if (/(^|\/)queue-worker$/.test(program)) return rest;
  if (program === 'npx' && rest[0] === 'queue-worker') return rest.slice(1);
  const separator = words.indexOf('--');
  if (words.slice(0, 3).join(' ') === 'npm run worker') return separator === -1 ? [] : words.slice(separator + 1);
  return undefined;
}

/** Finds the arguments of `queue`, if a command starts it. */
export function queueArguments({ words }: Command): readonly string[] | undefined {
  return words[0] === 'npx' && words[1] === 'queue' ? words.slice(2) : undefined;
}

/** Finds the script of package.json that a command runs, if the command calls npm. */
export function npmScript({ words: [program, task, name] }: Command): string | undefined {
  if (program !== 'npm') return undefined;
  return task === 'run' ? name : task === 'start' || task === 'test' ? task : undefined;
}
