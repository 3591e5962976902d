import { composeScript } from './compose-script.js';
import { answer, keepAnswer } from './parts/answer.part.js';
import { attempts } from './parts/attempts.part.js';
import { ended } from './parts/ended.part.js';
import { knowGroups, moveByGroup, takeByGroup } from './parts/groups.part.js';
import { groupPriorities } from './parts/group-priorities.part.js';
import { moveByPriority, putOffByPriority, takeByPriority } from './parts/priority.part.js';
import { reschedule } from './parts/reschedule.part.js';
import { stale, takeWaiting } from './parts/stale.part.js';
import { knowTraits } from './parts/traits.part.js';

/** Changes when a waiting job is due. Reply: 1; 0 if it does not wait. */
export const rescheduleScript = composeScript(
  'reschedule',
  [
    answer,
    attempts,
    ended,
    stale,
    knowTraits,
    knowGroups,
    moveByGroup,
    takeByGroup,
    moveByPriority,
    putOffByPriority,
    groupPriorities,
    takeByPriority,
    takeWaiting,
    reschedule,
    keepAnswer,
  ],
  { result: 'S.result' },
);
