import { setTimeout as pause } from 'node:timers/promises';
import { Job, type JobContext, type JobHandler } from 'nestjs-job-queue';
import type { Parcel } from './parcel.js';

/** How long the carrier takes, in milliseconds: between these two. */
const [SHORTEST, LONGEST] = [5, 45];

/** Hands a parcel to its carrier. A carrier that is down gets two more calls: after three seconds, and after six more. */
@Job({ queue: 'parcels', maxTries: 3, retryDelay: 3 })
export class ShipParcelJob implements JobHandler<Parcel, void> {
  async handle({ number, carrierIsDownUntil = 0 }: Parcel, { signal }: JobContext): Promise<void> {
    await pause(SHORTEST + Math.random() * (LONGEST - SHORTEST), undefined, { signal });
    if (Date.now() < carrierIsDownUntil) throw new Error(`The carrier of parcel ${number} does not answer`);
  }
}
