import type { PollLimits } from '../../lib/drivers/queue-driver.interface.js';

/** The limits of consumers that a test makes by hand. */
export const POLL_LIMITS: PollLimits = { claims: 300, settlements: 300, costly: 125, inFlight: 2 };
