import { composeScript } from './compose-script.js';
import type { ScriptPart } from './part.js';
import { attempts } from './parts/attempts.part.js';
import { dropCheckpoint } from './parts/checkpoint.part.js';
import { dropDebounced } from './parts/debounce.part.js';
import { ended } from './parts/ended.part.js';
import { forgetFailures } from './parts/failures.part.js';
import { forget } from './parts/forget.part.js';
import { forgetDropped, givenIds } from './parts/given-ids.part.js';
import { forgetLogs } from './parts/logs.part.js';
import { dropNotes } from './parts/notes.part.js';
import { dropHolders, knowGroups, takeByGroup } from './parts/groups.part.js';
import { knowPriorities, takeByPriority } from './parts/priority.part.js';
import { dropProgress, tellProgress } from './parts/progress.part.js';
import { expireKeptDropped, keepCompleted } from './parts/retain.part.js';
import { stale, takeWaiting } from './parts/stale.part.js';
import { status } from './parts/status.part.js';
import { dropTraits, knowTraits } from './parts/traits.part.js';
import { dropUnique } from './parts/unique.part.js';
import { tellCancelled as tellWaits } from './parts/waits.part.js';

/**
 * Composes a script that cancels jobs which wait, and tells the workers of those that run.
 *
 * @param cancel the part that chooses the jobs. Reply: its `S.result`
 * @param note the part that notes the cancelled jobs for their flows
 */
export function composeCancelling<const Cancel extends ScriptPart, const Note extends ScriptPart>(
  name: string,
  cancel: Cancel,
  note: Note,
) {
  return composeScript(
    name,
    [
      attempts,
      givenIds,
      status,
      dropNotes,
      tellProgress,
      ended,
      stale,
      knowTraits,
      knowGroups,
      knowPriorities,
      takeByGroup,
      takeByPriority,
      takeWaiting,
      forgetFailures,
      forgetLogs,
      keepCompleted,
      forget,
      cancel,
      forgetDropped,
      dropProgress,
      dropCheckpoint,
      expireKeptDropped,
      dropUnique,
      dropDebounced,
      dropHolders,
      note,
      dropTraits,
      tellWaits,
    ],
    { result: 'S.result' },
  );
}
