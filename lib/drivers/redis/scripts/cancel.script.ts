import { composeCancelling } from './cancelling.js';
import { cancel } from './parts/cancel.part.js';
import { noteDropped } from './parts/outbox.part.js';

/** Cancels jobs. Reply: see the part `cancel`. */
export const cancelScript = composeCancelling('cancel', cancel, noteDropped);
