import { composeScript } from './compose-script.js';
import { store } from './parts/store.part.js';

/** Stores jobs. Reply: how many were added; -1 for a push that arrived before. */
export const pushScript = composeScript('push', [store], { flags: [], result: 'added' });
