import { composeScript } from './compose-script.js';
import { answer, keepAnswer } from './parts/answer.part.js';
import { attempts } from './parts/attempts.part.js';
import { ended } from './parts/ended.part.js';
import { groupPriorities } from './parts/group-priorities.part.js';
import { knowGroups, moveByGroup, takeByGroup } from './parts/groups.part.js';
import { moveByPriority, takeByPriority } from './parts/priority.part.js';
import { setPriority } from './parts/set-priority.part.js';
import { stale, takeWaiting } from './parts/stale.part.js';
import { knowTraits } from './parts/traits.part.js';

/** Gives a waiting job another priority. Reply: 1; 0 if it does not wait. */
export const setPriorityScript = composeScript(
  'set-priority',
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
    groupPriorities,
    takeByPriority,
    takeWaiting,
    setPriority,
    keepAnswer,
  ],
  { result: 'S.result' },
);
