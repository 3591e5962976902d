import type { JobNote } from '../job/attempt-desk.interface.js';

/** Takes the notes of the jobs that a consumer holds. A queue without notes costs nothing. */
export interface NoteTaker {
  /**
   * Stores a note. If it is sent again, or arrives after a later note of the same claim, it changes nothing. If the storage is
   * away, the call waits for it. A line of a log may come in several notes, and in the settlement: by its number it is added once.
   *
   * @param number grows with each note that is sent for this claim, from 1
   * @returns false if the consumer does not hold the job under this fencing token: then nothing was stored
   * @throws QueueClosedError
   */
  note(id: string, fence: number, number: number, note: JobNote): Promise<boolean>;
}
