import { composeScript } from './compose-script.js';
import { endMove } from './parts/end-move.part.js';
import { failedJobs } from './parts/failed.part.js';
import { knowGroups, pushByGroup } from './parts/groups.part.js';
import { noteMoved, takeMoved } from './parts/move-in.part.js';
import { ALL_REFUSED, MOVE_CALL, moveOut } from './parts/move-out.part.js';
import { noteMovedMembers } from './parts/outbox.part.js';
import { groupPriorities } from './parts/group-priorities.part.js';
import { pushByPriority } from './parts/priority.part.js';
import { expireKeptBack, persistKept } from './parts/retain.part.js';
import { owners } from './parts/retry.part.js';
import { storeMoved } from './parts/store.part.js';
import { takeMovedUnique } from './parts/take-unique.part.js';
import { takeMovedTraits } from './parts/traits.part.js';
import { defineScript } from './script.js';

/** Takes failed jobs out of their queue, to put them into another one. Reply: see the part. */
export const moveOutScript = composeScript('move-out', [failedJobs, owners, moveOut], { result: 'S.result' });

/**
 * Stores jobs that come from another queue, unless they were refused before. Reply: the ids that it refused, or
 * {@link ALL_REFUSED}.
 */
export const moveInScript = composeScript(
  'move-in',
  [
    takeMoved,
    takeMovedTraits,
    takeMovedUnique,
    knowGroups,
    pushByGroup,
    pushByPriority,
    groupPriorities,
    storeMoved,
    persistKept,
    noteMovedMembers,
    noteMoved,
  ],
  {
    flags: [],
    result: 'S.refused',
  },
);

/** Refuses jobs that come from another queue, from now on. If they are here already, nothing is changed. Reply: as `move-in`. */
export const refuseMoveScript = defineScript({
  name: 'refuse-move',
  keys: ['producer'],
  args: ['producerTtl'],
  flags: ['allow-oom'],
  body: `
if redis.call('HSETNX', producer, '${MOVE_CALL}', '["${ALL_REFUSED}"]') == 1 then
  redis.call('PEXPIRE', producer, producerTtl)
end
local told = redis.call('HGET', producer, '${MOVE_CALL}')
return told == '' and {} or cjson.decode(told)
`,
});

/** Ends a move in the queue that the jobs left. Reply: 1. */
export const endMoveScript = composeScript('end-move', [failedJobs, endMove, expireKeptBack], { result: '1' });
