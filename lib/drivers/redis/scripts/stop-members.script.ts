import { composeCancelling } from './cancelling.js';
import { noteStopped } from './parts/outbox.part.js';
import { stopMembers } from './parts/stop.part.js';

/** Cancels members of a batch because another one has failed. Reply: see the part `stop members`. */
export const stopMembersScript = composeCancelling('stop members', stopMembers, noteStopped);
