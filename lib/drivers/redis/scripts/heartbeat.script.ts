import { composeScript } from './compose-script.js';
import { expireAfterHeartbeat } from './parts/expire.part.js';
import { known, warn } from './parts/heartbeat.part.js';
import { prolong, silence } from './parts/silence.part.js';
import { writeMeta } from './parts/wake.part.js';

/** Prolongs the lease of a consumer, however many jobs it holds. Reply: 1; 0 if the consumer was lost. */
export const heartbeatScript = composeScript(
  'heartbeat',
  [known, silence, prolong, writeMeta, expireAfterHeartbeat, warn],
  { result: '1' },
);
