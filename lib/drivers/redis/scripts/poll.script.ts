import { composeScript } from './compose-script.js';
import { composeShort, tellShort } from './compose-short.js';
import { attempts } from './parts/attempts.part.js';
import { cancelled, tellCancelled } from './parts/cancelled.part.js';
import { checkpoint } from './parts/checkpoint.part.js';
import { claim } from './parts/claim.part.js';
import { claimByGroup, fillByGroup } from './parts/claim-groups.part.js';
import { claimGroupPriorities } from './parts/group-priorities.part.js';
import { groupHold } from './parts/group-hold.part.js';
import { groupLimits, groupRecoveries, writeGroups } from './parts/group-limits.part.js';
import { freeDebounced } from './parts/debounce.part.js';
import { expireAfterPoll } from './parts/expire.part.js';
import { failures, forgetFailures, lossesAsFailures } from './parts/failures.part.js';
import { forget } from './parts/forget.part.js';
import { forgetIds, givenIds } from './parts/given-ids.part.js';
import { groups } from './parts/groups.part.js';
import { hold, holdState } from './parts/hold.part.js';
import { keepScheduled } from './parts/keep-scheduled.part.js';
import { limits, tellLimits } from './parts/limits.part.js';
import { logLines, logs } from './parts/logs.part.js';
import { notes, settleNotes } from './parts/notes.part.js';
import { openGates, scanGroups } from './parts/open-gates.part.js';
import { noteEnds, outbox, readOutbox } from './parts/outbox.part.js';
import { pause, pauseState } from './parts/pause.part.js';
import { inTurn, polls, remember } from './parts/polls.part.js';
import { claimByPriority, priorities } from './parts/priority.part.js';
import { progress, tellProgress } from './parts/progress.part.js';
import { promote } from './parts/promote.part.js';
import { expireKept, keepCompleted, retain } from './parts/retain.part.js';
import { recover } from './parts/recover.part.js';
import { results } from './parts/results.part.js';
import { settle } from './parts/settle.part.js';
import { prolong, silence } from './parts/silence.part.js';
import { skipStale } from './parts/stale.part.js';
import { stats } from './parts/stats.part.js';
import { status } from './parts/status.part.js';
import { told } from './parts/told.part.js';
import { forgetTraits, NO_TRAITS, traits } from './parts/traits.part.js';
import { freeUnique } from './parts/unique.part.js';
import { tellWaits } from './parts/waits.part.js';
import { waiting } from './parts/waiting.part.js';
import { nextDue, wake, writeMeta } from './parts/wake.part.js';

/** The parts of a poll, in the order in which they act. */
const PARTS = [
  told,
  attempts,
  logLines,
  notes,
  givenIds,
  traits,
  outbox,
  groups,
  groupLimits,
  groupRecoveries,
  priorities,
  status,
  waiting,
  pauseState,
  cancelled,
  polls,
  inTurn,
  silence,
  prolong,
  forgetFailures,
  keepCompleted,
  forget,
  failures,
  lossesAsFailures,
  settle,
  stats,
  recover,
  promote,
  groupHold,
  openGates,
  scanGroups,
  pause,
  hold,
  limits,
  claim,
  skipStale,
  claimByGroup,
  claimGroupPriorities,
  claimByPriority,
  fillByGroup,
  writeGroups,
  tellCancelled,
  settleNotes,
  results,
  tellProgress,
  progress,
  checkpoint,
  logs,
  retain,
  tellWaits,
  forgetIds,
  freeUnique,
  freeDebounced,
  noteEnds,
  keepScheduled,
  forgetTraits,
  readOutbox,
  writeMeta,
  holdState,
  remember,
  expireAfterPoll,
  expireKept,
  wake,
  nextDue,
  tellLimits,
] as const;

/** What the forms of the poll script have, the shortest one first. */
const SHORT = { uses: [] };
/** Jobs may have a priority, and no other trait. */
const RANKED = { uses: [NO_TRAITS] };

/** All parts of a poll. */
export const POLL_PARTS = [...PARTS, tellShort(PARTS, [SHORT, RANKED])] as const;

/**
 * One poll of a consumer: settles a batch, recovers jobs of lost consumers, promotes due jobs, claims the next batch
 * unless the queue is paused.
 */
export const pollScript = composeScript('poll', POLL_PARTS);

/**
 * The same without the parts of features that no job of the queue uses. It executes only the next poll of a consumer; any other may be
 * one that arrives again, and is for the whole script.
 */
export const shortPollScript = composeShort('short-poll', PARTS, SHORT);

/** The same of queues in which jobs have priorities, and do without the other features. It tells when the shortest form will do. */
export const rankedPollScript = composeShort('ranked-poll', POLL_PARTS, RANKED);

/** The forms of the poll script by the numbers that its replies tell: see `tellShort`. */
export const POLL_FORMS = [pollScript, shortPollScript, rankedPollScript] as const;
