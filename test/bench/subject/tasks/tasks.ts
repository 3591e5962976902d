import { cancelLatencies } from './cancel-latencies.js';
import { cancelWaiting } from './cancel-waiting.js';
import { hops } from './hops.js';
import { hold } from './hold.js';
import { idle } from './idle.js';
import { latencies } from './latencies.js';
import { listPages } from './list-pages.js';
import { occurrences } from './occurrences.js';
import { pauseLatencies } from './pause-latencies.js';
import { pushAndWait } from './push-and-wait.js';
import { pushAtOnce } from './push-at-once.js';
import { pushInTurn } from './push-in-turn.js';
import { pushMany } from './push-many.js';
import { pushSteadily } from './push-steadily.js';
import { receive } from './receive.js';
import { retryFailed } from './retry-failed.js';
import { runDue } from './run-due.js';
import { join, share } from './share.js';
import { waitBehind } from './wait-behind.js';
import { workSteadily } from './work-steadily.js';
import { work } from './work.js';

/** The tasks that a subject can run. */
export const TASKS = {
  pushInTurn,
  pushAtOnce,
  pushMany,
  pushSteadily,
  work,
  workSteadily,
  join,
  share,
  runDue,
  receive,
  latencies,
  occurrences,
  idle,
  hold,
  hops,
  cancelWaiting,
  cancelLatencies,
  pauseLatencies,
  listPages,
  retryFailed,
  pushAndWait,
  waitBehind,
};

export type TaskName = keyof typeof TASKS;
export type OptionsOf<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[1];
export type ResultOf<Name extends TaskName> = Awaited<ReturnType<(typeof TASKS)[Name]>>;
