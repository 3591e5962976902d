import { composeChanging } from './changing.js';
import { setPriority } from './parts/set-priority.part.js';

/** Gives a waiting job another priority. Reply: 1; 0 if it does not wait. */
export const setPriorityScript = composeChanging('set-priority', setPriority);
