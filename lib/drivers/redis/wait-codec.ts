import type { JobEnd } from '../queue-waits.interface.js';
import { readFailures } from './kept-codec.js';
import { parseStatus } from './status-finder.js';

const GONE: JobEnd = Object.freeze({ state: 'gone' });

/** Reads the answer that a script part wrote; `undefined` if another program wrote it. */
export function readAnswer(text: string): JobEnd | undefined {
  try {
    const answer = JSON.parse(text) as Record<string, unknown>;
    const { state, result, error, attempt, details = [] } = answer;
    const told = typeof error === 'string' ? { error } : {};
    switch (state) {
      case 'completed':
        return { state, isWhole: true, ...(typeof result === 'string' && { result }), ...told };
      case 'failed': {
        const [stack = '', name] = details as [string?, string?];
        return { state, error: '', ...told, attempt: Number(attempt ?? 0), ...withTexts(stack, name) };
      }
      case 'cancelled':
        return { state, ...told };
      case 'gone':
        return GONE;
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/** Reads the reply of the wait script; `undefined` if the job has not ended. */
export function readEnd(reply: readonly string[]): JobEnd | undefined {
  if (reply.length === 0) return undefined;
  const [text, kept, failures = ''] = reply as [string, string?, string?];
  if (kept === undefined) return readAnswer(text) ?? GONE;
  const status = parseStatus(text);
  if (kept === 'f' || status?.state === 'failed') {
    const [last] = readFailures(failures);
    const error = status?.error ?? last?.error ?? '';
    const attempt = status?.attempt ?? last?.attempt ?? 0;
    return { state: 'failed', error, attempt, ...withTexts(last?.stack, last?.name) };
  }
  if (kept === 'x' || status?.state === 'cancelled') {
    return { state: 'cancelled', ...(status?.error !== undefined && { error: status.error }) };
  }
  if (kept !== 'c' && status?.state !== 'completed') return GONE;
  const { result, error } = status ?? {};
  return {
    state: 'completed',
    isWhole: false,
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
  };
}

function withTexts(stack = '', name = '') {
  return { ...(stack !== '' && { stack }), ...(name !== '' && { name }) };
}
