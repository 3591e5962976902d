import { composeScript } from './compose-script.js';
import { store } from './parts/store.part.js';

/** Stores jobs. Reply: the number of added jobs; -1 for a push that arrived before. */
export const pushScript = composeScript('push', [store], { flags: [], result: 'added' });
