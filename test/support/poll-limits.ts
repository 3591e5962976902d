import type { PollLimits } from '../../lib/drivers/queue-driver.interface.js';

/** The poll limits of a consumer that a test makes without a driver. */
export const POLL_LIMITS: PollLimits = { claims: 300, settlements: 300, costly: 125, inFlight: 2 };
