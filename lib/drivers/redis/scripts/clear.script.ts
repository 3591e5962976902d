import { composeScript } from './compose-script.js';
import { drop } from './parts/drop.part.js';

/** Drops waiting jobs. Reply: how many elements were looked at, how many of them stay, how many jobs were dropped. */
export const clearScript = composeScript('clear', [drop], { result: 'S.result' });
