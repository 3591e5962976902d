import { composeScript } from './compose-script.js';
import { noteEntry } from './parts/outbox.part.js';
import { knowTraits } from './parts/traits.part.js';

/** Puts an entry into the outbox of a queue. */
export const noteEntryScript = composeScript('note entry', [knowTraits, noteEntry], { result: '1' });
