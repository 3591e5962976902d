import { ARRAY_MUTANTS } from './array-mutants.js';
import { CANCEL_MUTANTS } from './cancel-mutants.js';
import { CLAIM_MUTANTS } from './claim-mutants.js';
import { FLOW_MUTANTS } from './flow-mutants.js';
import { GROUP_MUTANTS } from './group-mutants.js';
import { HOLD_MUTANTS } from './hold-mutants.js';
import { LEASE_MUTANTS } from './lease-mutants.js';
import { LIMIT_MUTANTS } from './limit-mutants.js';
import { MEND_MUTANTS } from './mend-mutants.js';
import { MOVE_MUTANTS } from './move-mutants.js';
import { NOTE_MUTANTS } from './note-mutants.js';
import { PAUSE_MUTANTS } from './pause-mutants.js';
import type { Mutant } from './mutant.js';
import { PRIORITY_MUTANTS } from './priority-mutants.js';
import { REDIS_GROUP_MUTANTS } from './redis-group-mutants.js';
import { PUSH_MUTANTS } from './push-mutants.js';
import { DEBOUNCE_MUTANTS } from './debounce-mutants.js';
import { UNIQUE_MUTANTS } from './unique-mutants.js';
import { STATS_MUTANTS } from './stats-mutants.js';
import { RETAIN_MUTANTS } from './retain-mutants.js';
import { SET_PRIORITY_MUTANTS } from './set-priority-mutants.js';
import { SETTLE_MUTANTS } from './settle-mutants.js';
import { SHORT_POLL_MUTANTS } from './short-poll-mutants.js';
import { STALE_MUTANTS } from './stale-mutants.js';

export const MUTANTS: readonly Mutant[] = [
  ...PUSH_MUTANTS,
  ...CLAIM_MUTANTS,
  ...SET_PRIORITY_MUTANTS,
  ...SETTLE_MUTANTS,
  ...LEASE_MUTANTS,
  ...SHORT_POLL_MUTANTS,
  ...PAUSE_MUTANTS,
  ...LIMIT_MUTANTS,
  ...HOLD_MUTANTS,
  ...STATS_MUTANTS,
  ...NOTE_MUTANTS,
  ...STALE_MUTANTS,
  ...RETAIN_MUTANTS,
  ...MEND_MUTANTS,
  ...MOVE_MUTANTS,
  ...CANCEL_MUTANTS,
  ...PRIORITY_MUTANTS,
  ...GROUP_MUTANTS,
  ...REDIS_GROUP_MUTANTS,
  ...UNIQUE_MUTANTS,
  ...DEBOUNCE_MUTANTS,
  ...FLOW_MUTANTS,
  ...ARRAY_MUTANTS,
];
