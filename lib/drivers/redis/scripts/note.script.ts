import { composeScript } from './compose-script.js';
import { noteCheckpoint } from './parts/checkpoint.part.js';
import { logLines, noteLogs } from './parts/logs.part.js';
import { notes, takeNote } from './parts/notes.part.js';
import { noteProgress } from './parts/progress.part.js';
import { told } from './parts/told.part.js';

/**
 * Stores what a job tells while it runs, if the consumer holds the job under this fence.
 *
 * Reply: 1; 0 if the consumer does not hold it.
 */
export const noteScript = composeScript(
  'note',
  [told, logLines, notes, noteProgress, noteCheckpoint, takeNote, noteLogs],
  {
    result: 'S.isHeld and 1 or 0',
  },
);
