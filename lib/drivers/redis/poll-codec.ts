import type { JobNote } from '../../job/attempt-desk.interface.js';
import type { KeptResult } from '../../job/kept-result.js';
import type { CancelledJob } from '../queue-cancellations.interface.js';
import type { ClaimedJob, PollResult, Settlement, TakenOver } from '../queue-driver.interface.js';
import { pollScript } from './scripts/poll.script.js';
import { KEPT, TOLD } from './scripts/parts/told.part.js';
import { readReply, type ReplyOf } from './scripts/reply.js';
import { encodeStats, type StatsArgs } from './stats-codec.js';

/** The time of the push, in front of each record. */
const TIME_LENGTH = 13;
/** Attempts, crashes, and the time since which its name has been unknown. */
const ATTEMPTS = /^(\d+):(\d+):(\d+)$/;

/** Settlements as the poll script takes them. */
export interface EncodedSettlements {
  readonly completed: string;
  /** How many values of notes `rest` begins with. */
  readonly values: number;
  readonly rest: (string | number)[];
  /** What they add to the statistics. */
  readonly stats: StatsArgs;
}

/**
 * Encodes settlements for the poll script: what jobs tell; completed jobs as one text; each other settlement as a few
 * arguments.
 */
export function encodeSettlements(settlements: readonly Settlement[]): EncodedSettlements {
  const [completed, others]: [Settlement[], Settlement[]] = [[], []];
  const ids: string[] = [];
  const fences: string[] = [];
  const rest: (string | number)[] = [];
  for (const settlement of settlements) {
    if (settlement.note) rest.push(...encodeNote(settlement.id, settlement.note));
    if (settlement.kind === 'complete') addResult(rest, settlement);
  }
  const values = rest.length / 3;
  for (const settlement of settlements) {
    if (settlement.kind === 'complete') {
      ids.push(settlement.id);
      fences.push(String(settlement.fence));
      completed.push(settlement);
      continue;
    }
    others.push(settlement);
    rest.push(word(settlement), settlement.id, settlement.fence, numberOf(settlement), errorOf(settlement));
  }
  const text = ids.length > 0 ? JSON.stringify([ids, fences]) : '';
  return { completed: text, values, rest, stats: encodeStats(completed, others) };
}

/** Encodes a note for a script: `id, kind, value` of each value. */
export function encodeNote(id: string, { progress, checkpoint }: JobNote): string[] {
  const values: string[] = [];
  if (checkpoint !== undefined) values.push(id, TOLD.checkpoint, checkpoint);
  if (progress !== undefined) values.push(id, TOLD.progress, progress);
  return values;
}

function addResult(values: (string | number)[], { id, result, keepFor, error }: KeptResult & { readonly id: string }) {
  if (result !== undefined) values.push(id, KEPT.result, JSON.stringify(result));
  if (keepFor !== undefined) values.push(id, KEPT.keepFor, Math.ceil(keepFor));
  if (error !== undefined) values.push(id, KEPT.error, JSON.stringify(error));
}

/** Returns the delay in milliseconds; of a cancelled job 1 if it has run, else 0. */
function numberOf(settlement: Exclude<Settlement, { kind: 'complete' }>): number {
  switch (settlement.kind) {
    case 'fail':
      return 0;
    case 'cancel':
      return settlement.hasRun ? 1 : 0;
    default:
      return Math.ceil(settlement.delay * 1000);
  }
}

function errorOf(settlement: Settlement): string {
  const error = 'error' in settlement ? settlement.error : undefined;
  return error === undefined ? '' : JSON.stringify(error);
}

function word(settlement: Settlement): string {
  if (settlement.kind !== 'release') return settlement.kind;
  return settlement.unknown ? 'unknown' : settlement.position;
}

/** The reply of the poll script, by field names. */
export type PollReply = ReplyOf<(typeof pollScript)['reply']>;

/** Reads the reply of the poll script. */
export function readPoll(raw: unknown): PollReply {
  return readReply(pollScript.reply, raw);
}

/** Returns the result of a poll that was executed. */
export function toResult(reply: PollReply): PollResult {
  const { first, refused, records, attemptTexts, checkpoints, more, recovered, pause, cancelledJobs, nextDue, now } =
    reply;
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
  ) {}

  get pushedAt(): number {
    return Number(this.record.slice(0, TIME_LENGTH)) || 0;
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
  const parts = attemptsText ? ATTEMPTS.exec(attemptsText) : null;
  if (!parts) return new StoredJob(id, record, fence, 1, 0, 0, checkpoint);
  const [attempts = 0, crashes = 0, unknownSince = 0] = parts.slice(1).map(Number);
  const unknownFor = unknownSince > 0 ? Math.max(now - unknownSince, 1) : 0;
  return new StoredJob(id, record, fence, attempts + 1, crashes, unknownFor, checkpoint);
}
