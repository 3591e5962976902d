/** Where this file is, below the folder of the library. */
const THIS_FILE = /^(.*[/\\])support[/\\]own-frames\.[cm]?[jt]s$/;
const FRAME = /^\s+at /;
/** The frames by which Node calls a job in a context of its own, and goes on after an `await`. */
const NODE_FRAME = /\((?:node:async_hooks|node:internal\/(?:async_hooks|async_local_storage|process\/task_queues)\b)/;

/** The folder of this library, as a path or as a URL, with a slash at its end; `undefined` in a bundle. */
export const ownFolder = findFolder(new Error().stack ?? '');

/** Removes the frames of this library from a stack: of a job that failed they tell nothing. */
export function withoutOwnFrames(stack: string): string {
  const lines = stack.split('\n');
  return lines.filter((line) => !(FRAME.test(line) && isOwn(line))).join('\n');
}

function isOwn(frame: string): boolean {
  return NODE_FRAME.test(frame) || (ownFolder !== undefined && frame.includes(ownFolder));
}

/**
 * Finds the folder of the library in a stack of this file. There is none in a bundle, where it would be the application's as
 * well. `import.meta` would do, but CommonJS tests of applications could not load it.
 */
function findFolder(stack: string): string | undefined {
  const first = stack.split('\n').find((line) => FRAME.test(line)) ?? '';
  const file = /(?:\(|at )(?:async )?((?:file:|\/|[A-Za-z]:\\).*?):\d+:\d+\)?$/.exec(first)?.[1];
  return file === undefined ? undefined : THIS_FILE.exec(file)?.[1];
}
