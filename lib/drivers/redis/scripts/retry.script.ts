import { composeScript } from './compose-script.js';
import { answer, keepAnswer } from './parts/answer.part.js';
import { failedJobs } from './parts/failed.part.js';
import { givenIds } from './parts/given-ids.part.js';
import { knowGroups, moveByGroup } from './parts/groups.part.js';
import { notMoving } from './parts/move-out.part.js';
import { groupPriorities } from './parts/group-priorities.part.js';
import { moveByPriority } from './parts/priority.part.js';
import { noteRetried } from './parts/outbox.part.js';
import { persistRetried } from './parts/retain.part.js';
import { owners, retry } from './parts/retry.part.js';
import { status } from './parts/status.part.js';
import { retakeUnique } from './parts/take-unique.part.js';
import { knowTraits } from './parts/traits.part.js';

/** Puts failed jobs back to their queue. Reply: how many; -1 if a job is on its way to another queue, and nothing was done. */
export const retryScript = composeScript(
  'retry',
  [
    answer,
    notMoving,
    failedJobs,
    owners,
    givenIds,
    status,
    knowTraits,
    knowGroups,
    moveByGroup,
    moveByPriority,
    groupPriorities,
    retakeUnique,
    retry,
    persistRetried,
    noteRetried,
    keepAnswer,
  ],
  { result: 'S.result' },
);
