import { composeScript } from './compose-script.js';
import type { ScriptPart } from './part.js';
import { answer, keepAnswer } from './parts/answer.part.js';
import { attempts } from './parts/attempts.part.js';
import { ended } from './parts/ended.part.js';
import { groupPriorities } from './parts/group-priorities.part.js';
import { knowGroups, moveByGroup, takeByGroup } from './parts/groups.part.js';
import { moveByPriority, takeByPriority } from './parts/priority.part.js';
import { stale, takeWaiting } from './parts/stale.part.js';
import { knowTraits } from './parts/traits.part.js';

/**
 * Composes a script that changes where or when a job waits. A request that arrives again gets its answer again.
 *
 * @param change the parts that do it. Reply: their `S.result`
 */
export function composeChanging<const Change extends readonly ScriptPart[]>(name: string, ...change: Change) {
  return composeScript(
    name,
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
      ...change,
      keepAnswer,
    ],
    { result: 'S.result' },
  );
}
