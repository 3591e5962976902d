import { composeScript } from './compose-script.js';
import { noteEntry } from './parts/outbox.part.js';
import { knowTraits } from './parts/traits.part.js';

/** Puts an entry into the outbox of a queue. */
export const noteEntryScript = composeScript('note entry', [knowTraits, noteEntry], { result: '1' });

/** Puts jobs that are added to a batch into the outbox of a queue. A full server refuses them. */
export const noteAddedScript = composeScript('note added', [knowTraits, noteEntry], { flags: [], result: '1' });
