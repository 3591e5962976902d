import { CorruptJobError } from '../queue.errors.js';

/**
 * What is stored of a job, once, when it is pushed: a header line and the data.
 *
 *     hSendEmailJob\n{"to":"ada@example.org"}
 *     iResizeImageJob\t{"m":5}\n{"path":"a.png","width":640}
 *
 * The first character tells the form (`h`: the class handles data, `i`: the job is an instance that carries its data), then
 * come the job's name and, after a tab, the options that were given with the push.
 */
export interface JobRecord {
  readonly form: JobForm;
  readonly name: string;
  readonly options: RecordOptions;
  /** The serialized data; empty for `undefined`. */
  readonly data: string;
}

/** `handler`: `push(Class, data)`; `instance`: `push(instance)`. */
export type JobForm = 'handler' | 'instance';

/** What was given with the push; durations in seconds. */
export interface RecordOptions {
  readonly maxTries?: number;
  readonly retryDelay?: number;
  readonly timeout?: number;
}

const NO_OPTIONS: RecordOptions = Object.freeze({});
/** Neither control characters nor halves of surrogate pairs, which would not come back from UTF-8. */
const JOB_NAME = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** Whether a job may have this name: it has to fit into the header line. */
export function isJobName(name: unknown): name is string {
  return typeof name === 'string' && JOB_NAME.test(name);
}

export function encodeRecord(record: JobRecord): string {
  const form = record.form === 'instance' ? 'i' : 'h';
  return `${form}${record.name}${encodeOptions(record.options)}\n${record.data}`;
}

/**
 * Reads a record back.
 *
 * @throws {@link CorruptJobError} where it has another shape
 */
export function decodeRecord(id: string, body: string): JobRecord {
  const end = body.indexOf('\n');
  if (end < 2) throw new CorruptJobError(id, 'it has no header line');
  const letter = body[0];
  if (letter !== 'h' && letter !== 'i')
    throw new CorruptJobError(id, `its form ${JSON.stringify(letter)} is not known`);
  const tab = body.indexOf('\t');
  const nameEnd = tab === -1 || tab > end ? end : tab;
  return {
    form: letter === 'i' ? 'instance' : 'handler',
    name: body.slice(1, nameEnd),
    options: nameEnd === end ? NO_OPTIONS : decodeOptions(id, body.slice(nameEnd + 1, end)),
    data: body.slice(end + 1),
  };
}

function encodeOptions({ maxTries: m, retryDelay: r, timeout: t }: RecordOptions): string {
  return m === undefined && r === undefined && t === undefined ? '' : `\t${JSON.stringify({ m, r, t })}`;
}

function decodeOptions(id: string, text: string): RecordOptions {
  try {
    const { m, r, t } = JSON.parse(text) as Record<string, unknown>;
    return { maxTries: toNumber(m), retryDelay: toNumber(r), timeout: toNumber(t) };
  } catch (cause) {
    throw new CorruptJobError(id, 'its options are not readable', { cause });
  }
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
