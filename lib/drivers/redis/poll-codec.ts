import type { ClaimedJob, Settlement, PollResult } from '../queue-driver.interface.js';

/** The time of the push, in front of each record. */
const TIME_LENGTH = 13;
/** Attempts, crashes, and since when its name has not been known. */
const ATTEMPTS = /^(\d+):(\d+):(\d+)$/;

/** Settlements as the poll script takes them: completed jobs as one text, a few arguments for each of the others. */
export function encodeSettlements(settlements: readonly Settlement[]): {
  completed: string;
  rest: (string | number)[];
} {
  const ids: string[] = [];
  const fences: string[] = [];
  const rest: (string | number)[] = [];
  for (const settlement of settlements) {
    if (settlement.kind === 'complete') {
      ids.push(settlement.id);
      fences.push(String(settlement.fence));
      continue;
    }
    const delay = settlement.kind === 'fail' ? 0 : Math.ceil(settlement.delay * 1000);
    const error = settlement.kind === 'release' ? '' : JSON.stringify(settlement.error);
    rest.push(word(settlement), settlement.id, settlement.fence, delay, error);
  }
  return { completed: ids.length > 0 ? JSON.stringify([ids, fences]) : '', rest };
}

function word(settlement: Settlement): string {
  if (settlement.kind !== 'release') return settlement.kind;
  return settlement.unknown ? 'unknown' : settlement.position;
}

type PollReply = [
  code: number,
  nextDue: number,
  more: number,
  recovered: number,
  first: string,
  refused: string[],
  danglingIds: string[],
  ids: string,
  records: (string | null)[],
  attemptsOfIds: string[],
  now: string,
];

/** The reply of the poll script. */
export function decodePoll(reply: unknown): { code: number; result: PollResult; now: number } {
  const [code, nextDue, more, recovered, firstFence, refused, danglingIds, idText, records, attemptsOfIds, nowText] =
    reply as PollReply;
  const ids = idText === '' ? [] : (JSON.parse(idText) as string[]);
  const now = Number(nowText);
  const first = Number(firstFence);
  const jobs: ClaimedJob[] = [];
  for (let i = 0; i < ids.length; i++) {
    const record = records[i];
    // Only a claim that is answered again can lack a record: somebody deleted it meanwhile.
    if (typeof record !== 'string') danglingIds.push(ids[i]!);
    else jobs.push(decodeJob(ids[i]!, record, first + i, attemptsOfIds[i], now));
  }
  return {
    code,
    now,
    result: {
      lost: false,
      refused,
      jobs,
      danglingIds,
      takenOver: [],
      more: more === 1,
      recovered: recovered === 1,
      nextDue: nextDue < 0 ? null : nextDue,
    },
  };
}

/** A claimed job as it is stored: its record is taken apart when it runs, not while the storage waits for the next poll. */
class StoredJob implements ClaimedJob {
  constructor(
    readonly id: string,
    private readonly record: string,
    readonly fence: number,
    readonly attempt = 1,
    readonly crashes = 0,
    readonly unknownFor = 0,
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
): ClaimedJob {
  const parts = attemptsText ? ATTEMPTS.exec(attemptsText) : null;
  if (!parts) return new StoredJob(id, record, fence);
  const [attempts = 0, crashes = 0, unknownSince = 0] = parts.slice(1).map(Number);
  const unknownFor = unknownSince > 0 ? Math.max(now - unknownSince, 1) : 0;
  return new StoredJob(id, record, fence, attempts + 1, crashes, unknownFor);
}
