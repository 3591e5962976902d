import { CorruptJobError, PayloadNotSerializableError, PayloadTooLargeError } from '../queue.errors.js';
import { describe } from '../support/describe.js';
import { errorMessage, toError } from '../support/error-text.js';
import { storedBackoff } from './backoff.js';
import { storedLabels, type JobLabels } from './job-labels.js';
import type { CheckedJobRetention } from './job-retention.js';
import { storedCarried, type JobForm, type JobRecord, type RecordOptions } from './job-record.js';
import { UnserializableValueError, type PayloadSerializer } from './payload-serializer.js';

/** The parts of a push that are stored in the record of the job. */
export interface DecodedJob extends JobLabels {
  readonly id: string;
  readonly form: JobForm;
  readonly name: string;
  readonly options: RecordOptions;
  readonly data: unknown;
}

/** A job whose record is written. */
export interface JobToEncode extends DecodedJob {
  /** Seconds. */
  readonly delay?: number;
  readonly traits?: { readonly priority?: number; readonly group?: string };
}

/** The job that a value belongs to. */
export type JobIdentity = Pick<DecodedJob, 'id' | 'name'>;

/** The record of a job as text. */
export interface EncodedJob {
  readonly body: string;
  /** The size of the data in bytes. */
  readonly size: number;
}

/**
 * One link of the chain between the data of a job and the text that is stored: {@link encode} runs at the push, {@link decode}
 * before the attempt, in the opposite order of the links.
 */
export interface CodecLink {
  encode(value: unknown, job: JobIdentity): unknown;
  decode(value: unknown, job: JobIdentity): unknown;
}

/** Links beside the serializer. */
export interface CodecLinks {
  /** Links that get data: a schema, versions. */
  readonly data?: readonly CodecLink[];
  /** Links that get text: compression, encryption. */
  readonly text?: readonly CodecLink[];
}

export interface CodecOptions {
  readonly serializer: PayloadSerializer;
  /** The most bytes that the text of the data may take. */
  readonly maxPayloadSize: number;
}

type Convert = CodecLink['encode'];

type Header = Omit<JobRecord, 'id' | 'data'>;

/** An endless number of tries: JSON has no `Infinity`, and a version that does not know it takes this for a large number. */
const ENDLESS = Number.MAX_SAFE_INTEGER;

const NO_OPTIONS: RecordOptions = Object.freeze({});

/** The names of the options of a push in the header line. */
const LETTERS: Readonly<Partial<Record<keyof RecordOptions, string>>> = {
  maxTries: 'm',
  retryDelay: 'r',
  maxRetryDelay: 'l',
  retryJitter: 'j',
  timeout: 't',
  backoff: 'b',
  maxCrashes: 'c',
  maxReleases: 's',
  expiresIn: 'x',
  retryFor: 'f',
  keepResult: 'k',
  retention: 'e',
  isAwaited: 'a',
  carried: 'y',
  flow: 'o',
  previousResult: 'v',
};

/**
 * Converts jobs into the text that is stored, and back.
 *
 * 1. The data goes through a chain of links: data links, the serializer, text links. The chain is composed once, and links
 *    that are not given cost nothing.
 * 2. The header line is put in front of it; see {@link JobRecord}.
 *
 * Reading has two steps, {@link decode} and {@link decodeData}: the name of a job has to be known before its data is touched.
 */
export class JobCodec {
  private readonly write: Convert;
  private readonly read: Convert;
  private readonly limit: number;
  /** The header line that was read last. Most jobs of a queue have the same one. */
  private last: { readonly line: string; readonly header: Header } | undefined;

  constructor({ serializer, maxPayloadSize }: CodecOptions, { data = [], text = [] }: CodecLinks = {}) {
    this.write = [...data.map(encoderOf), serializing(serializer), ...text.map(encoderOf)].reduce(inTurn);
    this.read = [...data.map(decoderOf), deserializing(serializer), ...text.map(decoderOf)].reverse().reduce(inTurn);
    this.limit = maxPayloadSize;
  }

  /** Writes the record of a job. @throws PayloadNotSerializableError, PayloadTooLargeError */
  encode(job: JobToEncode): EncodedJob {
    const { name, options, metadata, tags, delay, traits } = job;
    let data: string;
    try {
      data = this.write(job.data, job) as string;
    } catch (cause) {
      throw refusal(name, cause);
    }
    const size = Buffer.byteLength(data);
    if (size > this.limit) throw new PayloadTooLargeError(name, size, this.limit);
    // Most jobs have none of these.
    let header = '';
    for (const option of Object.keys(options) as (keyof RecordOptions)[]) {
      const [letter, value] = [LETTERS[option], options[option]];
      if (letter) header = withField(header, letter, value === Number.POSITIVE_INFINITY ? ENDLESS : value);
    }
    if (metadata) header = withField(header, 'd', metadata);
    if (tags) header = withField(header, 'g', tags);
    if (delay) header = withField(header, 'w', delay);
    if (traits?.priority) header = withField(header, 'p', traits.priority);
    if (traits?.group !== undefined) header = withField(header, 'q', traits.group);
    if (header !== '') header += '}';
    return { body: `${job.form === 'instance' ? 'i' : 'h'}${name}${header}\n${data}`, size };
  }

  /** Reads the header line of a record, and leaves the data as text. @throws CorruptJobError if it is no record */
  decode(id: string, body: string): JobRecord {
    let { last } = this;
    if (!last || !body.startsWith(last.line)) {
      const line = body.slice(0, body.indexOf('\n') + 1);
      last = this.last = { line, header: decodeHeader(id, line) };
    }
    const { line, header } = last;
    const { form, name, options, metadata, tags } = header;
    return { id, form, name, options, metadata, tags, data: body.slice(line.length) };
  }

  /** Reads the data of a record. @throws CorruptJobError if it is not readable */
  decodeData(record: JobRecord): unknown {
    try {
      return this.read(record.data, record);
    } catch (cause) {
      throw new CorruptJobError(record.id, 'its data is not readable', { cause });
    }
  }
}

/** Adds a field to the options and labels of a job, which stand behind a tab. For a few fields this takes a fraction of the time in which `JSON.stringify` writes an object. */
function withField(text: string, letter: string, value: unknown): string {
  if (value === undefined) return text;
  return `${text === '' ? '\t{' : `${text},`}"${letter}":${JSON.stringify(value)}`;
}

function encoderOf(link: CodecLink): Convert {
  return (value, job) => link.encode(value, job);
}

function decoderOf(link: CodecLink): Convert {
  return (value, job) => link.decode(value, job);
}

function serializing(serializer: PayloadSerializer): Convert {
  return (data) => {
    const text: unknown = serializer.serialize(data);
    if (typeof text === 'string') return text;
    throw new UnserializableValueError('data', `is made ${describe(text)} by the serializer, not a string`);
  };
}

function deserializing(serializer: PayloadSerializer): Convert {
  return (text) => serializer.deserialize(text as string);
}

function inTurn(first: Convert, second: Convert): Convert {
  return (value, job) => second(first(value, job), job);
}

function refusal(jobName: string, cause: unknown): PayloadNotSerializableError {
  if (cause instanceof UnserializableValueError) {
    return new PayloadNotSerializableError(jobName, cause.path, cause.reason, { cause });
  }
  const reason = `makes the serializer throw: ${errorMessage(toError(cause))}`;
  return new PayloadNotSerializableError(jobName, 'data', reason, { cause });
}

/** @param line the line with its end; empty if the record has none */
function decodeHeader(id: string, line: string): Header {
  if (line.length < 3) throw new CorruptJobError(id, 'it has no header line');
  const [letter, tab] = [line[0], line.indexOf('\t')];
  if (letter !== 'h' && letter !== 'i') {
    throw new CorruptJobError(id, `its form ${JSON.stringify(letter)} is not known`);
  }
  const form = letter === 'i' ? 'instance' : 'handler';
  if (tab === -1) return { form, name: line.slice(1, -1), options: NO_OPTIONS, metadata: undefined, tags: undefined };
  try {
    const { m, r, l, j, t, b, c, s, x, f, k, e, d, g, w, a, p, q, y, o, v } = JSON.parse(line.slice(tab + 1)) as Record<
      string,
      unknown
    >;
    const options = {
      maxTries: m === ENDLESS ? Number.POSITIVE_INFINITY : toNumber(m),
      retryDelay: toNumber(r),
      maxRetryDelay: toNumber(l),
      retryJitter: toNumber(j),
      timeout: toNumber(t),
      backoff: storedBackoff(b),
      maxCrashes: toNumber(c),
      maxReleases: toNumber(s),
      expiresIn: toNumber(x),
      retryFor: toNumber(f),
      keepResult: k === true ? (true as const) : toNumber(k),
      retention: storedRetention(e),
      delay: toNumber(w),
      isAwaited: a === true ? (true as const) : undefined,
      priority: typeof p === 'number' ? p : undefined,
      group: typeof q === 'string' ? q : undefined,
      carried: storedCarried(y),
      flow: typeof o === 'string' ? o : undefined,
      previousResult: typeof v === 'string' ? v : undefined,
    };
    return { form, name: line.slice(1, tab), options, ...storedLabels(d, g) };
  } catch (cause) {
    throw new CorruptJobError(id, 'its options are not readable', { cause });
  }
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function storedRetention(value: unknown): CheckedJobRetention | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { completed, failed } = value as Record<string, unknown>;
  return { completed: toNumber(completed), failed: toNumber(failed) };
}
