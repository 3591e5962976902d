import {
  CorruptJobError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
  UnknownCodecError,
} from '../queue.errors.js';
import { describe } from '../support/describe.js';
import { errorMessage, toError } from '../support/error-text.js';
import { storedBackoff } from './backoff.js';
import { CodecChain, isMark } from './codec-chain.js';
import { storedLabels, type JobLabels } from './job-labels.js';
import type { CheckedJobRetention } from './job-retention.js';
import { storedCarried, type JobForm, type JobRecord, type RecordOptions } from './job-record.js';
import type { PayloadCodec } from './payload-codec.interface.js';
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
  readonly traits?: { readonly priority?: number; readonly group?: string; readonly debounce?: unknown };
}

/** The job that a text belongs to. */
type JobIdentity = Pick<DecodedJob, 'id' | 'name'> & { readonly options: Pick<RecordOptions, 'source'> };

/** The record of a job as text. */
export interface EncodedJob {
  readonly body: string;
  /** The size of the data in bytes, as it is stored. */
  readonly size: number;
  /** The marks of the codecs in its header, if a codec has encoded the data. */
  readonly marks: readonly string[] | undefined;
}

export interface CodecOptions {
  readonly serializer: PayloadSerializer;
  /** The most bytes that the text of the data may take, before any codec. */
  readonly maxPayloadSize: number;
  /** In the order in which they run after the serializer. */
  readonly codecs?: readonly PayloadCodec[];
}

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
  version: 'n',
};
/** The names of the source of the data, and of the marks of the codecs, in the header line. */
const SOURCE = 'u';
const MARKS = 'z';

/**
 * Converts jobs into the text that is stored, and back.
 *
 * 1. The serializer makes a text of the data, and the codecs encode it, if there are any.
 * 2. The header line is put in front of it; see {@link JobRecord}.
 *
 * Reading has two steps, {@link decode} and {@link decodeData}: the name of a job has to be known before its data is touched.
 */
export class JobCodec {
  private readonly serializer: PayloadSerializer;
  private readonly limit: number;
  private readonly chain: CodecChain;
  /** True if there are codecs. */
  private readonly isCoded: boolean;
  /** True if no data is read that a codec has not encoded. */
  private readonly isStrict: boolean;
  /** The header line that was read last. Most jobs of a queue have the same one. */
  private last: { readonly line: string; readonly header: Header } | undefined;

  constructor({ serializer, maxPayloadSize, codecs }: CodecOptions) {
    this.serializer = serializer;
    this.limit = maxPayloadSize;
    this.chain = new CodecChain(codecs, maxPayloadSize);
    this.isCoded = !this.chain.isEmpty;
    this.isStrict = this.chain.isStrict;
  }

  /** Writes the record of a job. @throws PayloadNotSerializableError, PayloadTooLargeError */
  encode(job: JobToEncode): EncodedJob {
    const { name, options, metadata, tags, delay, traits } = job;
    let data: string;
    try {
      data = this.serializer.serialize(job.data);
    } catch (cause) {
      throw refusal(name, cause);
    }
    if (typeof data !== 'string') {
      throw new PayloadNotSerializableError(name, 'data', `is made ${describe(data)} by the serializer, not a string`);
    }
    let size = Buffer.byteLength(data);
    if (size > this.limit) throw new PayloadTooLargeError(name, size, this.limit);
    // Most jobs have none of these.
    let header = '';
    let marks: readonly string[] | undefined;
    for (const option of Object.keys(options) as (keyof RecordOptions)[]) {
      const [letter, value] = [LETTERS[option], options[option]];
      if (letter) header = withField(header, letter, value === Number.POSITIVE_INFINITY ? ENDLESS : value);
    }
    if (metadata) header = withField(header, 'd', metadata);
    if (tags) header = withField(header, 'g', tags);
    if (delay) header = withField(header, 'w', delay);
    if (traits?.priority) header = withField(header, 'p', traits.priority);
    if (traits?.group !== undefined) header = withField(header, 'q', traits.group);
    if (this.isCoded) {
      // The record of a debounced job may come under the id of the job that waits.
      const source = options.source ?? (traits?.debounce ? job.id : undefined);
      header = withField(header, SOURCE, source);
      const coded = this.chain.encode(data, subjectOf({ ...job, options: { source } }));
      if (coded) {
        ({ text: data, marks } = coded);
        size = data.length;
        header = withField(header, MARKS, marks);
      }
    }
    if (header !== '') header += '}';
    return { body: `${job.form === 'instance' ? 'i' : 'h'}${name}${header}\n${data}`, size, marks };
  }

  /** Reads the header line of a record, and leaves the data as text. @throws CorruptJobError if it is no record */
  decode(id: string, body: string): JobRecord {
    let { last } = this;
    // `startsWith` takes three times as long: it reads each character of a part of a text by itself.
    if (!last || body.slice(0, last.line.length) !== last.line) {
      const line = body.slice(0, body.indexOf('\n') + 1);
      last = this.last = { line, header: decodeHeader(id, line) };
    }
    const { line, header } = last;
    const { form, name, options, metadata, tags } = header;
    return { id, form, name, options, metadata, tags, data: body.slice(line.length) };
  }

  /** Reads the data of a record. @throws UnknownCodecError if a codec or a key is missing; CorruptJobError if it is not readable */
  decodeData(record: JobRecord): unknown {
    try {
      const { marks } = record.options;
      return this.serializer.deserialize(
        marks || this.isStrict
          ? this.chain.decode({ text: record.data, marks: marks ?? [] }, subjectOf(record))
          : record.data,
      );
    } catch (cause) {
      if (cause instanceof UnknownCodecError) throw cause;
      throw new CorruptJobError(record.id, 'its data is not readable', { cause });
    }
  }

  /** Returns what is missing here to read the data of a record; `undefined` if nothing is. */
  lacks({ options: { marks } }: JobRecord): string | undefined {
    return marks && this.chain.lacks(marks);
  }
}

/** Says of what job a text is. A record that can come under other ids is bound to its source. */
function subjectOf({ id, name, options: { source } }: JobIdentity): string {
  return JSON.stringify(source === undefined ? ['data', name, id] : ['data from', name, source]);
}

/** Adds a field to the options and labels of a job, which stand behind a tab. For a few fields this takes a fraction of the time in which `JSON.stringify` writes an object. */
function withField(text: string, letter: string, value: unknown): string {
  if (value === undefined) return text;
  return `${text === '' ? '\t{' : `${text},`}"${letter}":${JSON.stringify(value)}`;
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
    const { m, r, l, j, t, b, c, s, x, f, k, e, d, g, w, a, p, q, y, o, v, n, u, z } = JSON.parse(
      line.slice(tab + 1),
    ) as Record<string, unknown>;
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
      version: toNumber(n),
      source: typeof u === 'string' ? u : undefined,
      marks: storedMarks(z),
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

function storedMarks(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every(isMark) ? value : undefined;
}
