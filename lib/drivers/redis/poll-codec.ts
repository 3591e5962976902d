import type { JobNote } from '../../job/attempt-desk.interface.js';
import type { KeptResult } from '../../job/kept-result.js';
import type { CancelledJob } from '../queue-cancellations.interface.js';
import type { ClaimedJob, PollResult, Settlement, TakenOver } from '../queue-driver.interface.js';
import type { FailureDetails } from '../queue-retention.interface.js';
import { COUNTED_KINDS, SAMPLE_BASE } from '../queue-stats.interface.js';
import { encodeLines } from './log-codec.js';
import { pollScript, type POLL_FORMS } from './scripts/poll.script.js';
import { HOLDS_GROUP } from './scripts/parts/group-hold.part.js';
import { HELD_UP, HOLDS_QUEUE } from './scripts/parts/hold.part.js';
import { FULL, UNSTARTED } from './scripts/parts/limits.part.js';
import { HAS_EXPIRED } from './scripts/parts/outbox.part.js';
import { KEPT, TOLD } from './scripts/parts/told.part.js';
import { readReply, type ReplyOf } from './scripts/reply.js';
import { FIELDS, RUN, WAIT } from './stats-fields.js';

/** The time of the push, in front of each record. */
const TIME_LENGTH = 13;
/**
 * Attempts, crashes, the time since which its name has been unknown, that since which it waits if an operator changed that, and its
 * releases. A later version of the library may have added more.
 */
const ATTEMPTS = /^(\d+):(\d+):(\d+)(?::(\d*))?(?::(\d*))?/;

/** The first character of a code: it stands for 0. */
const ZERO = 48;
/** The code of a settlement that is not counted. */
const UNCOUNTED = '-00';
/** Above each sample. */
const MOST_SAMPLES = SAMPLE_BASE * SAMPLE_BASE;

/** The arguments of the script part `stats`. */
export interface StatsArgs {
  readonly counted: string;
  readonly completedCodes: string;
  readonly otherCodes: string;
}

const NO_STATS: StatsArgs = { counted: '', completedCodes: '', otherCodes: '' };

/** Settlements as the poll script takes them. */
export interface EncodedSettlements {
  readonly completed: string;
  /** How many values of notes `rest` begins with. */
  readonly values: number;
  readonly rest: (string | number)[];
  /** What they add to the statistics. */
  readonly stats: StatsArgs;
}

/** How often each kind of settlement came with each sample, while settlements are encoded; else 0. */
const SUMS = new Uint16Array(COUNTED_KINDS.length * MOST_SAMPLES);

/**
 * Encodes settlements for the poll script: what jobs tell; completed jobs as one text; each other settlement as a few
 * arguments; what the statistics count. It is one loop, because each job passes through it.
 */
export function encodeSettlements(settlements: readonly Settlement[]): EncodedSettlements {
  const ids: string[] = [];
  const fences: string[] = [];
  const values: (string | number)[] = [];
  const others: (string | number)[] = [];
  const counted: number[] = [];
  for (const settlement of settlements) {
    const { id, fence, sample, note } = settlement;
    if (note) values.push(...encodeNote(id, fence, note));
    if (sample !== undefined && settlement.kind !== 'release' && settlement.kind !== 'cancel') {
      // The kind of nearly all of them is the first one.
      const kind = settlement.kind === 'complete' ? 0 : COUNTED_KINDS.indexOf(settlement.kind);
      const index = kind * MOST_SAMPLES + sample;
      if (SUMS[index]!++ === 0) counted.push(index);
    }
    if (settlement.kind === 'complete') {
      const { keep, result, keepFor, error } = settlement;
      if (result !== undefined || keepFor !== undefined || error !== undefined) addResult(values, settlement);
      if (keep === undefined) {
        ids.push(id);
        fences.push(String(fence));
        continue;
      }
    }
    others.push(word(settlement), id, fence, numberOf(settlement));
    if (settlement.kind === 'fail' || settlement.kind === 'retry') {
      others.push(JSON.stringify(settlement.error), encodeDetails(settlement.details));
    } else {
      others.push(
        settlement.kind === 'cancel' && settlement.error !== undefined ? JSON.stringify(settlement.error) : '',
        shortDetailsOf(settlement),
      );
    }
  }
  return {
    completed: ids.length > 0 ? JSON.stringify([ids, fences]) : '',
    values: values.length / 3,
    rest: values.length > 0 ? [...values, ...others] : others,
    stats: counted.length > 0 ? encodeStats(counted, settlements) : NO_STATS,
  };
}

/**
 * Adds up the samples of one poll, and makes a code of each settlement: three characters for its kind, the bucket of its run and
 * that of its wait. One code stands for all if they are alike, as they are nearly always.
 *
 * @param counted the indexes of {@link SUMS} that are not 0
 */
function encodeStats(counted: readonly number[], settlements: readonly Settlement[]): StatsArgs {
  const areAlike = counted.length === 1 && SUMS[counted[0]!] === settlements.length;
  const sums = new Map<string, number>();
  const codes = new Map<number, string>();
  for (const index of counted) {
    const kind = Math.floor(index / MOST_SAMPLES);
    const run = Math.floor(index / SAMPLE_BASE) % SAMPLE_BASE;
    const wait = index % SAMPLE_BASE;
    for (const field of [FIELDS[kind]!, run > 0 ? RUN + run : '', wait > 0 ? WAIT + wait : '']) {
      if (field !== '') sums.set(field, (sums.get(field) ?? 0) + SUMS[index]!);
    }
    codes.set(index, String.fromCharCode(ZERO + kind, ZERO + run, ZERO + wait));
    SUMS[index] = 0;
  }
  let [completedCodes, otherCodes] = ['', ''];
  if (areAlike) completedCodes = otherCodes = codes.get(counted[0]!)!;
  else {
    for (const settlement of settlements) {
      const { kind, sample } = settlement;
      const isCounted = sample !== undefined && kind !== 'release' && kind !== 'cancel';
      const code = isCounted ? codes.get(COUNTED_KINDS.indexOf(kind) * MOST_SAMPLES + sample)! : UNCOUNTED;
      if (settlement.kind === 'complete' && settlement.keep === undefined) completedCodes += code;
      else otherCodes += code;
    }
  }
  // Lua passes a text on faster than a number.
  const added = [...sums].flatMap(([field, sum]) => [field, String(sum)]);
  return { counted: JSON.stringify(added), completedCodes, otherCodes };
}

/** Encodes a note for a script: `id, kind, value` of each value. */
export function encodeNote(id: string, fence: number, { progress, checkpoint, log }: JobNote): string[] {
  const values: string[] = [];
  if (checkpoint !== undefined) values.push(id, TOLD.checkpoint, checkpoint);
  if (progress !== undefined) values.push(id, TOLD.progress, progress);
  if (log) values.push(id, TOLD.log, encodeLines(fence, log));
  return values;
}

function addResult(values: (string | number)[], kept: KeptResult & { readonly id: string }) {
  const { id, result, isOnlyTold, keepFor, error } = kept;
  if (result !== undefined) values.push(id, isOnlyTold ? KEPT.answer : KEPT.result, JSON.stringify(result));
  if (keepFor !== undefined) values.push(id, KEPT.keepFor, Math.ceil(keepFor));
  if (error !== undefined) values.push(id, KEPT.error, JSON.stringify(error));
}

/** The delay in milliseconds; how long the ended job is kept in seconds; of a cancelled job 1 if it has run, else 0. */
function numberOf(settlement: Settlement): number {
  switch (settlement.kind) {
    case 'retry':
    case 'release':
      return Math.ceil(settlement.delay * 1000);
    case 'cancel':
      return settlement.hasRun ? 1 : 0;
    default:
      return settlement.keep === undefined ? -1 : Math.ceil(settlement.keep);
  }
}

/** The details of a release, and of a cancellation. */
function shortDetailsOf(settlement: Settlement): string {
  if (settlement.kind === 'cancel') return settlement.hasExpired ? HAS_EXPIRED : '';
  if (settlement.kind !== 'release') return '';
  const { unstarted, hold } = settlement;
  if (hold) return hold === 'queue' ? HOLDS_QUEUE : HOLDS_GROUP;
  return unstarted ? UNSTARTED : '';
}

function encodeDetails(details: FailureDetails | undefined): string {
  if (!details) return '';
  const { took, worker, stack = '', name } = details;
  const texts = JSON.stringify(stack) + (name === undefined ? '' : `,${JSON.stringify(name)}`);
  return `${Math.round(took)} ${worker} ${texts}`;
}

function word(settlement: Settlement): string {
  if (settlement.kind === 'complete') return 'done';
  if (settlement.kind !== 'release') return settlement.kind;
  if (settlement.unknown) return 'unknown';
  return settlement.hasStarted && settlement.position === 'front' ? 'halted' : settlement.position;
}

/** The reply of the poll script, by field names. */
export type PollReply = ReplyOf<(typeof pollScript)['reply']>;

/** Reads the reply of the poll script, or of a short form. Fields that a short form lacks are empty. */
export function readPoll(raw: unknown, { reply } = pollScript as PollScript): PollReply {
  return reply === pollScript.reply ? readReply(pollScript.reply, raw) : { ...NO_REPLY, ...readReply(reply, raw) };
}

/** The poll script or one of its short forms. */
export type PollScript = (typeof POLL_FORMS)[number];

const NO_REPLY = readReply(pollScript.reply, []);

/** Returns the result of a poll that was executed. */
export function toResult(reply: PollReply): PollResult {
  const {
    first,
    refused,
    records,
    attemptTexts,
    checkpoints,
    more,
    recovered,
    pause,
    held,
    cancelledJobs,
    nextDue,
    now,
  } = reply;
  const ids = reply.ids === '' ? [] : (JSON.parse(reply.ids) as string[]);
  const danglingIds = [...reply.danglingIds];
  const jobs: ClaimedJob[] = [];
  for (let i = 0; i < ids.length; i++) {
    const record = records[i];
    // Only a replayed claim can lack a record: another program deleted it in the meantime.
    if (typeof record !== 'string') danglingIds.push(ids[i]!);
    else jobs.push(decodeJob(ids[i]!, record, first + i, attemptTexts[i], now, checkpoints[i] ?? undefined));
  }
  return {
    lost: false,
    refused,
    jobs,
    danglingIds,
    takenOver: reply.takenOver.length > 0 ? decodeTakenOver(reply.takenOver) : [],
    more,
    recovered,
    paused: pause !== '',
    limited: reply.limits > 0,
    blocked: reply.limits === FULL || held === HELD_UP,
    held: held > 0,
    now,
    cancelled: cancelledJobs.length > 0 ? decodeCancelled(cancelledJobs) : [],
    nextDue: nextDue < 0 ? null : nextDue,
  };
}

/** @param list each id, and its reason as JSON text */
function decodeCancelled(list: readonly string[]): CancelledJob[] {
  return Array.from({ length: list.length / 2 }, (_, i) => {
    const [id, reason] = [list[2 * i]!, list[2 * i + 1]!];
    return reason === '' ? { id } : { id, reason: JSON.parse(reason) as string };
  });
}

/** @param list the lost consumer, and the ids of its jobs */
function decodeTakenOver([consumer, ...ids]: readonly string[]): TakenOver[] {
  return ids.map((id) => ({ id, consumer: consumer! }));
}

/** The time of a push that was read last. */
let lastTime = { text: '-', time: 0 };

/** A claimed job as it is stored. It decodes its record when it runs, not while the storage waits for the next poll. */
class StoredJob implements ClaimedJob {
  constructor(
    readonly id: string,
    private readonly record: string,
    readonly fence: number,
    readonly attempt = 1,
    readonly crashes = 0,
    readonly unknownFor = 0,
    readonly checkpoint?: string,
    readonly waitsSince?: number,
    readonly releases?: number,
  ) {}

  get pushedAt(): number {
    // Many jobs are pushed in the same millisecond.
    if (this.record.startsWith(lastTime.text)) return lastTime.time;
    const text = this.record.slice(0, TIME_LENGTH);
    const time = Number(text) || 0;
    // A part of a record would keep the whole record in memory.
    if (text.length === TIME_LENGTH && text === String(time)) lastTime = { text: String(time), time };
    return time;
  }

  get body(): string {
    return this.record.slice(TIME_LENGTH);
  }
}

function decodeJob(
  id: string,
  record: string,
  fence: number,
  attemptsText: string | undefined,
  now: number,
  checkpoint?: string,
): ClaimedJob {
  const told = attemptsText ? readAttempts(attemptsText) : undefined;
  if (!told) return new StoredJob(id, record, fence, 1, 0, 0, checkpoint);
  const { attempts, crashes, unknownSince, waitsSince, releases } = told;
  const unknownFor = unknownSince > 0 ? Math.max(now - unknownSince, 1) : 0;
  return new StoredJob(id, record, fence, attempts + 1, crashes, unknownFor, checkpoint, waitsSince, releases);
}

/** Reads the text of the attempts of a job; `undefined` if it has none, or if it is not readable. */
export function readAttempts(text: string) {
  const parts = ATTEMPTS.exec(text);
  if (!parts) return undefined;
  const [attempts = 0, crashes = 0, unknownSince = 0] = parts.slice(1, 4).map(Number);
  const [waitsSince, releases] = parts.slice(4).map((part) => (part ? Number(part) : undefined));
  return { attempts, crashes, unknownSince, waitsSince, releases };
}
