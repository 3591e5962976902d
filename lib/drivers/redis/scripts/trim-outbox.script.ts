import { composeScript } from './compose-script.js';
import { trimOutbox } from './parts/outbox.part.js';

/** Removes the first entries of an outbox, and reads the next ones. Reply: see the part. */
export const trimOutboxScript = composeScript('trim-outbox', [trimOutbox], { result: 'S.result' });
