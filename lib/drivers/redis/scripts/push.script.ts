import { composeScript } from './compose-script.js';
import { READ_DEBOUNCED, replaceDebounced, takeDebounced } from './parts/debounce.part.js';
import { exceptions, noteExceptions } from './parts/exceptions.part.js';
import { knowGroups, pushByGroup, regroup, takeByGroup } from './parts/groups.part.js';
import { groupPriorities } from './parts/group-priorities.part.js';
import { pushByPriority, takeByPriority } from './parts/priority.part.js';
import { persistKept } from './parts/retain.part.js';
import { stale, takeReadyJobs } from './parts/stale.part.js';
import { store, storeUnnumbered } from './parts/store.part.js';
import { noteIds, takeIds } from './parts/take-ids.part.js';
import { takeMembers } from './parts/take-members.part.js';
import { takeUnique } from './parts/take-unique.part.js';
import { takeTraits } from './parts/traits.part.js';
import { beginWaits } from './parts/waits.part.js';
import { defineScript } from './script.js';

/** Stores jobs with generated ids. Reply: the number of added jobs; -1 for a push that arrived before. */
export const pushScript = composeScript('push', [store, persistKept], { flags: [], result: 'added' });

/** The jobs that were not simply added, if there are any. */
const EXCEPTIONS = '#S.conflicts + #S.duplicates > 0 and { S.conflicts, S.duplicates } or added';

/**
 * Stores jobs whose ids the application gave. Reply: as of `push`; if ids are taken, two lists: id, name asked for, queue and
 * name found (empty if not known) of each conflict; index and id of each duplicate. A push that arrived before gets the same
 * lists.
 */
export const pushGivenScript = composeScript(
  'push-given',
  [exceptions, takeIds, store, persistKept, noteIds, noteExceptions, beginWaits],
  { flags: [], result: EXCEPTIONS },
);

/** Stores jobs with generated ids, of which some have traits, but no group, and none is debounced. Reply: as of `push-given`. */
export const pushTraitsScript = composeScript(
  'push-traits',
  [exceptions, takeTraits, takeUnique, pushByPriority, store, persistKept, noteExceptions],
  { flags: [], result: EXCEPTIONS },
);

/** Stores jobs with generated ids, of which some have a priority, and no other trait. Reply: the number of added jobs; -1 for a push that arrived before. */
export const pushRankedScript = composeScript(
  'push-ranked',
  [exceptions, takeTraits, pushByPriority, store, persistKept],
  { flags: [], result: 'added' },
);

/** The parts that store the traits of jobs, and put ready jobs into the places that their groups and priorities say. */
const TRAIT_PARTS = [takeTraits, takeUnique, knowGroups, pushByGroup, pushByPriority, groupPriorities] as const;

/** Stores jobs with generated ids, of which some have a group, and none is debounced. Reply: as of `push-given`. */
export const pushGroupedScript = composeScript(
  'push-grouped',
  [exceptions, ...TRAIT_PARTS, store, persistKept, noteExceptions],
  { flags: [], result: EXCEPTIONS },
);

/**
 * Stores jobs of any kind: some are debounced, or have traits and ids that the application gave. Reply: as of `push-given`; the id of a replaced
 * job stands behind `REPLACED` among the duplicates.
 */
export const pushDebouncedScript = composeScript(
  'push-debounced',
  [
    exceptions,
    takeIds,
    ...TRAIT_PARTS,
    stale,
    takeByGroup,
    takeReadyJobs,
    takeByPriority,
    takeDebounced,
    store,
    replaceDebounced,
    regroup,
    persistKept,
    noteIds,
    noteExceptions,
    beginWaits,
  ],
  { flags: [], result: EXCEPTIONS },
);

/** The parts that admit members of flows, and put ready ones into the places that their priorities say. */
const MEMBER_PARTS = [exceptions, takeMembers, takeTraits, pushByPriority] as const;

/** The same, where some are in a group. */
const GROUPED_MEMBER_PARTS = [
  exceptions,
  takeMembers,
  takeTraits,
  knowGroups,
  pushByGroup,
  pushByPriority,
  groupPriorities,
] as const;

/**
 * Stores members of flows: jobs whose ids were known before, none of them unique, debounced or in a group. Reply: as of `push-given`; -2 if the push came
 * too late.
 */
export const pushMembersScript = composeScript('push-members', [...MEMBER_PARTS, store, persistKept, noteExceptions], {
  flags: [],
  result: EXCEPTIONS,
});

/** The same, where some are in a group. */
export const pushGroupedMembersScript = composeScript(
  'push-grouped-members',
  [...GROUPED_MEMBER_PARTS, store, persistKept, noteExceptions],
  { flags: [], result: EXCEPTIONS },
);

/** The bodies of these two without numbers of pushes, for the scripts of flows: see `flow-pushes.ts`. */
export const pushDueScript = composeScript('push-due', [...MEMBER_PARTS, storeUnnumbered, persistKept], {
  result: 'added',
});
export const pushGroupedDueScript = composeScript(
  'push-grouped-due',
  [...GROUPED_MEMBER_PARTS, storeUnnumbered, persistKept],
  { result: 'added' },
);

/** Stores jobs of schedules in the same way, which may be unique. */
export const pushScheduledScript = composeScript(
  'push-scheduled',
  [exceptions, takeMembers, ...TRAIT_PARTS, store, persistKept, noteExceptions],
  { flags: [], result: EXCEPTIONS },
);

/** Reads the record of the job that waits under a key. Reply: the record; nothing if none waits. */
export const readDebouncedScript = defineScript({
  name: 'read debounced',
  keys: ['debounce', 'jobs'],
  args: ['key'],
  flags: ['no-writes', 'allow-oom'],
  body: READ_DEBOUNCED,
});
