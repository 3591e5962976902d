import type { ClaimedJob, Settlement, StepResult } from '../queue-driver.interface.js';

/** The time of the push, in front of each record. */
const TIME_LENGTH = 13;
/** Attempts, crashes, and since when its name has not been known. */
const TALLY = /^(\d+):(\d+):(\d+)$/;

/** Settlements as the step script takes them: completed jobs first, all the others behind. */
export function encodeSettlements(settlements: readonly Settlement[]): {
  completed: number;
  rest: (string | number)[];
} {
  const rest: (string | number)[] = [];
  for (const { kind, id } of settlements) if (kind === 'complete') rest.push(id);
  const completed = rest.length;
  for (const { kind, fence } of settlements) if (kind === 'complete') rest.push(fence);
  if (completed === settlements.length) return { completed, rest };
  for (const settlement of settlements) {
    if (settlement.kind === 'complete') continue;
    const delay = settlement.kind === 'fail' ? 0 : Math.ceil(settlement.delay * 1000);
    const error = settlement.kind === 'release' ? '' : JSON.stringify(settlement.error);
    rest.push(word(settlement), settlement.id, settlement.fence, delay, error);
  }
  return { completed, rest };
}

function word(settlement: Settlement): string {
  if (settlement.kind !== 'release') return settlement.kind;
  return settlement.unknown ? 'unknown' : settlement.position;
}

type StepReply = [
  code: number,
  nextDue: number,
  more: number,
  suspects: number,
  first: string,
  refused: string[],
  orphans: string[],
  ids: string[],
  records: (string | null)[],
  tallies: string[],
  now: string,
];

/** The reply of the step script. */
export function decodeStep(reply: unknown): { code: number; result: StepResult; now: number } {
  const [code, nextDue, more, suspects, firstFence, refused, orphans, ids, records, tallies, nowText] =
    reply as StepReply;
  const now = Number(nowText);
  const first = Number(firstFence);
  const jobs: ClaimedJob[] = [];
  for (let i = 0; i < ids.length; i++) {
    const record = records[i];
    // Only a claim that is answered again can lack a record: somebody deleted it meanwhile.
    if (typeof record !== 'string') orphans.push(ids[i]!);
    else jobs.push(decodeJob(ids[i]!, record, first + i, tallies[i], now));
  }
  return {
    code,
    now,
    result: {
      lost: false,
      refused,
      jobs,
      orphans,
      more: more === 1,
      suspects: suspects === 1,
      nextDue: nextDue < 0 ? null : nextDue,
    },
  };
}

function decodeJob(id: string, record: string, fence: number, tally: string | undefined, now: number): ClaimedJob {
  const pushedAt = Number(record.slice(0, TIME_LENGTH)) || 0;
  const body = record.slice(TIME_LENGTH);
  const parts = tally ? TALLY.exec(tally) : null;
  if (!parts) return { id, body, pushedAt, fence, attempt: 1, crashes: 0, unknownFor: 0 };
  const [attempts = 0, crashes = 0, unknownSince = 0] = parts.slice(1).map(Number);
  const unknownFor = unknownSince > 0 ? Math.max(now - unknownSince, 1) : 0;
  return { id, body, pushedAt, fence, attempt: attempts + 1, crashes, unknownFor };
}
