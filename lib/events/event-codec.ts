import type { CodecChain } from '../job/codec-chain.js';
import type { Carried } from '../job/job-context-carrier.interface.js';
import { errorMessage, errorStack } from '../support/error-text.js';
import type { QueueEventMap, QueueEventType } from './queue-event.interface.js';

/** The most characters of a part that the application gave: a result, progress. A longer one is left out. */
const MOST = 4_096;

/** An event that was read from the log. */
export interface DecodedEvent {
  readonly type: QueueEventType;
  readonly event: QueueEventMap[QueueEventType];
  readonly carried: Carried | undefined;
}

/** What the codecs bind the result in an event to. */
const SUBJECT = JSON.stringify(['event']);

/**
 * Writes an event as one line. It is composed by hand, since each job passes here: `JSON.stringify` of the whole takes twice as long.
 *
 * @param chain encodes the result, if there are codecs
 */
export function encodeEvent(type: string, event: object, carried: Carried | undefined, chain?: CodecChain): string {
  let text = `{"type":"${type}"`;
  for (const [key, value] of Object.entries(event)) {
    if (value === undefined) continue;
    const part = typeof value === 'number' ? numberText(value) : encodePart(value);
    if (part === undefined) continue;
    text +=
      chain && key === 'result' ? `,"sealedResult":${JSON.stringify(chain.seal(part, SUBJECT))}` : `,"${key}":${part}`;
  }
  return carried ? `${text},"carried":${JSON.stringify(carried)}}` : `${text}}`;
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null';
}

function encodePart(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length <= MOST ? JSON.stringify(value) : undefined;
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof Error) {
    const { name } = value;
    return JSON.stringify({ name, message: errorMessage(value), stack: errorStack(value).slice(0, MOST) });
  }
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text !== undefined && text.length <= MOST ? text : undefined;
  } catch {
    // JSON cannot hold it.
    return undefined;
  }
}

/**
 * Reads an event; `undefined` for a text that is none, or is one of a type that this version does not know.
 *
 * @param isKnown tells the types
 * @param chain decodes the result; one that it cannot decode is left out
 */
export function decodeEvent(
  text: string,
  isKnown: (type: unknown) => boolean,
  chain?: CodecChain,
): DecodedEvent | undefined {
  let parts: Record<string, unknown>;
  try {
    parts = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { type, time, carried, error, sealedResult, ...others } = parts;
  if (!isKnown(type) || typeof time !== 'number') return undefined;
  const event = {
    time: new Date(time),
    ...others,
    ...(typeof sealedResult === 'string' && chain && openResult(sealedResult, chain)),
    ...(error !== undefined && { error: toError(error) }),
  };
  return {
    type: type as QueueEventType,
    event: event as unknown as QueueEventMap[QueueEventType],
    carried: carried as Carried | undefined,
  };
}

function openResult(sealed: string, chain: CodecChain): { readonly result?: unknown } {
  try {
    return { result: JSON.parse(chain.open(sealed, SUBJECT)) };
  } catch {
    return {};
  }
}

function toError(stored: unknown): Error {
  const { name, message, stack } = stored as { name: string; message: string; stack: string };
  const error = new Error(message);
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  error.stack = stack;
  return error;
}
