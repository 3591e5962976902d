import { composeScript } from './compose-script.js';
import { answer, keepAnswer } from './parts/answer.part.js';
import { attempts } from './parts/attempts.part.js';
import { ended } from './parts/ended.part.js';
import { readWaiting, replace } from './parts/replace.part.js';
import { stale, takeWaiting } from './parts/stale.part.js';

const PARTS = [answer, attempts, ended, stale, takeWaiting, replace, keepAnswer] as const;

/**
 * Replaces the record of a waiting job by one that is not longer: also in a full Redis. Reply: 1; 0 if it does not wait, or if another
 * job has its id; or `LONGER`.
 */
export const replaceScript = composeScript('replace', PARTS, { result: 'S.result' });

/** Replaces the record of a waiting job. A full Redis refuses it. Reply: as above. */
export const replaceLongerScript = composeScript('replace-longer', PARTS, { flags: [], result: 'S.result' });

/** Reads the record of a job that waits. Reply: the time of its push and its record; nothing if it does not wait. */
export const readWaitingScript = composeScript('read waiting', [attempts, ended, stale, takeWaiting, readWaiting], {
  flags: ['no-writes', 'allow-oom'],
  result: 'S.record',
});
