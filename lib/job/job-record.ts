import type { CheckedBackoff } from './backoff.js';
import type { Carried } from './job-context-carrier.interface.js';
import { storedLabels, type JobLabels } from './job-labels.js';
import type { CheckedJobRetention } from './job-retention.js';

/**
 * The record of a job: a header line and the data. It is written once, by the push.
 *
 *     hSendEmailJob\n{"to":"ada@example.org"}
 *     iResizeImageJob\t{"m":5}\n{"path":"a.png","width":640}
 *
 * The first character is the form (`h`: the class handles data; `i`: the job is an instance that carries its data). The name
 * of the job follows, then, after a tab, the options and labels of the push, if it had any.
 */
export interface JobRecord extends JobLabels {
  readonly id: string;
  readonly form: JobForm;
  readonly name: string;
  readonly options: RecordOptions;
  /** The data as text; empty for `undefined`. */
  readonly data: string;
}

/** `handler`: `push(Class, data)`; `instance`: `push(instance)`. */
export type JobForm = 'handler' | 'instance';

/** The options of a push that a worker reads; durations in seconds. */
export interface RecordOptions {
  readonly maxTries?: number;
  readonly backoff?: CheckedBackoff;
  readonly maxCrashes?: number;
  readonly maxReleases?: number;
  readonly retryDelay?: number;
  readonly maxRetryDelay?: number;
  readonly retryJitter?: number;
  readonly timeout?: number;
  /** True to keep the result as long as the status; a number to keep both for so many seconds. */
  readonly keepResult?: true | number;
  /** For how many seconds it is tried again, from when it was first due. */
  readonly retryFor?: number;
  /** Within how many seconds it has to start, from when it was due. */
  readonly expiresIn?: number;
  /** How long the job is kept once it has ended. */
  readonly retention?: CheckedJobRetention;
  /** True if the caller of the push waits for the result, or if the flow of the job keeps it. */
  readonly isAwaited?: true;
  /** The reference of the flow whose member it is: see `QueueFlows`. */
  readonly flow?: string;
  /** The result of the job before it in its chain, as text. */
  readonly previousResult?: string;
  /** How long the job was delayed by its push; missing if it was not. */
  readonly delay?: number;
  readonly priority?: number;
  readonly group?: string;
  /** The version of its data; missing for the first one. */
  readonly version?: number;
  /** The push or the schedule that its data is bound to in place of its id; missing if that is its id, or without codecs. */
  readonly source?: string;
  /** The marks of the codecs that have encoded the data: `name`, or `name:note`. */
  readonly marks?: readonly string[];
  /** What the carriers captured when the job was pushed, by their names. */
  readonly carried?: Carried;
}

/** Adds the result of the job before it to the record of a member of a chain. */
export function withPreviousResult(body: string, result: string): string {
  const end = body.indexOf('\n');
  const line = body.slice(0, end);
  const field = `"v":${JSON.stringify(result)}}`;
  const header = line.includes('\t') ? `${line.slice(0, -1)},${field}` : `${line}\t{${field}`;
  return header + body.slice(end);
}

/** Puts the marks of codecs in the place of those in the header line of a record; leaves the rest of it to the letter. */
export function withMarks(header: string, marks: readonly string[] | undefined): string {
  return withField(header, /,?"z":\[[^\]]*\]/, marks && `"z":${JSON.stringify(marks)}`);
}

/** Puts a priority in the place of that in a record, 0 for none; leaves the rest of it to the letter, and a text that is no record. */
export function withPriority(body: string, priority: number): string {
  const end = body.indexOf('\n');
  if (end === -1 || !/^[hi]/.test(body)) return body;
  const field = priority === 0 ? undefined : `"p":${priority}`;
  return withField(body.slice(0, end), /,?"p":-?\d+/, field) + body.slice(end);
}

/** Puts a field at the end of a header line, in place of a known one. In a text of a header each quotation mark follows a backslash. */
function withField(header: string, known: RegExp, field: string | undefined): string {
  const bare = header
    .replace(known, '')
    .replace('\t{,', '\t{')
    .replace(/\t\{\}$/, '');
  if (field === undefined) return bare;
  return bare.includes('\t') ? `${bare.slice(0, -1)},${field}}` : `${bare}\t{${field}}`;
}

/**
 * Adds metadata to a record.
 *
 * @param delay the delay of its push, in seconds
 */
export function withMetadata(body: string, metadata: Readonly<Record<string, string>>, delay: number): string {
  const end = body.indexOf('\n');
  const [name = '', options = '{}'] = body.slice(0, end).split('\t');
  const { d, ...fields } = JSON.parse(options) as Record<string, unknown>;
  const added = { ...fields, d: { ...(d as object | undefined), ...metadata }, ...(delay > 0 && { w: delay }) };
  return `${name}\t${JSON.stringify(added)}${body.slice(end)}`;
}

/** Returns the name in the text of a record; `undefined` if the text is no record. */
export function nameInRecord(body: string): string | undefined {
  return /^[hi]([^\t\n]*)/.exec(body)?.[1];
}

/** Returns the delay of the push in the header line of a record, in seconds; 0 without one. */
export function delayInHeader(header: string): number {
  const { w } = fieldsOf(header, '"w":');
  return typeof w === 'number' ? w : 0;
}

/** Returns the tags in the header line of a record. */
export function tagsInHeader(header: string): readonly unknown[] {
  const { g } = fieldsOf(header, '"g":');
  return Array.isArray(g) ? (g as unknown[]) : [];
}

/** Returns the group in the header line of a record; `undefined` without one. */
export function groupInHeader(header: string): unknown {
  return fieldsOf(header, '"q":')['q'];
}

/** Returns the priority in the header line of a record; 0 without one. */
export function priorityInHeader(header: string): number {
  const { p } = fieldsOf(header, '"p":');
  return typeof p === 'number' ? p : 0;
}

/** Returns the labels in the header line of a record. */
export function labelsInHeader(header: string): JobLabels {
  const { d, g } = { ...fieldsOf(header, '"d":'), ...fieldsOf(header, '"g":') };
  return storedLabels(d, g);
}

/** Returns the context that the carriers captured, in the header line of a record. */
export function carriedInHeader(header: string): Carried | undefined {
  return storedCarried(fieldsOf(header, '"y":')['y']);
}

/** Reads the values of the carriers of a stored record; leaves out what a push would not have stored. */
export function storedCarried(value: unknown): Carried | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const texts = Object.entries(value).filter(([, text]) => typeof text === 'string');
  return texts.length > 0 ? Object.fromEntries(texts) : undefined;
}

/** Reads the options and labels in a header line; nothing if they do not contain `part`, or if they are not readable. */
function fieldsOf(header: string, part: string): Readonly<Record<string, unknown>> {
  const text = /^[hi][^\t]*\t(.*)/s.exec(header)?.[1];
  if (!text?.includes(part)) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Allows neither control characters nor halves of surrogate pairs, because UTF-8 cannot hold these. */
const JOB_NAME = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** Tells whether a job may have this name: it has to fit into the header line. */
export function isJobName(name: unknown): name is string {
  return typeof name === 'string' && JOB_NAME.test(name);
}
