import { composeScript } from './compose-script.js';
import { answer, keepAnswer } from './parts/answer.part.js';
import { attempts } from './parts/attempts.part.js';
import { dropDebounced } from './parts/debounce.part.js';
import { dropCancelled } from './parts/cancelled.part.js';
import { dropCheckpoint } from './parts/checkpoint.part.js';
import { ended } from './parts/ended.part.js';
import { failedJobs } from './parts/failed.part.js';
import { dropFailures, forgetFailures } from './parts/failures.part.js';
import { forget } from './parts/forget.part.js';
import { forgetDropped } from './parts/given-ids.part.js';
import { dropLogs, forgetLogs } from './parts/logs.part.js';
import { notMoving } from './parts/move-out.part.js';
import { dropNotes } from './parts/notes.part.js';
import { ownStatus } from './parts/own-status.part.js';
import { dropHolders, knowGroups, takeByGroup } from './parts/groups.part.js';
import { knowPriorities, takeByPriority } from './parts/priority.part.js';
import { dropProgress } from './parts/progress.part.js';
import { remove } from './parts/remove.part.js';
import { noteDropped } from './parts/outbox.part.js';
import { expireKeptDropped } from './parts/retain.part.js';
import { stale, takeWaiting } from './parts/stale.part.js';
import { dropEndedTraits, dropTraits, knowTraits } from './parts/traits.part.js';
import { dropUnique, endThrottles, endThrottlesWithoutRecords } from './parts/unique.part.js';
import { tellDropped } from './parts/waits.part.js';

/** Removes jobs. Reply: how many; -1 if a job is on its way to another queue, and nothing was done. */
export const removeScript = composeScript(
  'remove',
  [
    answer,
    notMoving,
    attempts,
    dropNotes,
    ownStatus,
    failedJobs,
    ended,
    stale,
    knowTraits,
    knowGroups,
    knowPriorities,
    takeByGroup,
    takeByPriority,
    dropUnique,
    dropDebounced,
    endThrottles,
    takeWaiting,
    forgetFailures,
    forgetLogs,
    forget,
    remove,
    forgetDropped,
    dropFailures,
    dropLogs,
    dropProgress,
    dropCheckpoint,
    dropCancelled,
    expireKeptDropped,
    endThrottlesWithoutRecords,
    dropHolders,
    noteDropped,
    dropTraits,
    dropEndedTraits,
    tellDropped,
    keepAnswer,
  ],
  { result: 'S.result' },
);
