import { composeScript } from './compose-script.js';
import { cancelled } from './parts/cancelled.part.js';
import { expireAfterHeartbeat } from './parts/expire.part.js';
import { known, warn } from './parts/heartbeat.part.js';
import { holdState, IS_HELD } from './parts/hold.part.js';
import { pauseState } from './parts/pause.part.js';
import { prolong, silence } from './parts/silence.part.js';
import { writeMeta } from './parts/wake.part.js';

/**
 * Prolongs the lease of a consumer, however many jobs it holds. Reply: 1; 2 if the consumer should poll, because it has to
 * learn of a pause or a hold, or because there are cancelled jobs; 0 if the consumer was lost.
 */
export const heartbeatScript = composeScript(
  'heartbeat',
  [pauseState, cancelled, known, silence, prolong, writeMeta, holdState, expireAfterHeartbeat, warn],
  { result: `(S.isPaused or S.hasCancels or ${IS_HELD}) and 2 or 1` },
);
