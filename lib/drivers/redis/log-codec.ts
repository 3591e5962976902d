import type { LoggedLines } from '../../job/attempt-desk.interface.js';

/** Encodes lines for the script part `logs`: a head, then each line as JSON text, which has no line break. */
export function encodeLines(fence: number, { before, lines }: LoggedLines): string {
  return [`${fence} ${before} ${lines.length}`, ...lines.map((line) => JSON.stringify(line))].join('\n');
}

/** Reads a stored log; lines that another program has written are left out. */
export function readLogs(text: string): string[] {
  return text.split('\n').slice(1).flatMap(readLine);
}

function readLine(text: string): string[] {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'string' ? [line] : [];
  } catch {
    return [];
  }
}
