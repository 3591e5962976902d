import type { NoteTaker } from '../drivers/job-notes.interface.js';
import type { QueueFlows } from '../drivers/queue-flows.interface.js';
import type { BatchDoor } from '../flows/batch-door.js';
import type { QueueEvents } from '../events/queue-events.js';
import type { AttemptDesk, AttemptDesks, JobNote, TellingAttempt } from '../job/attempt-desk.interface.js';
import { CheckpointCodec } from '../checkpoints/checkpoint-codec.js';
import { LeaseLostError } from '../queue.errors.js';
import { readLogLine } from '../logs/log-line.js';
import { AttemptNotes } from '../notes/attempt-notes.js';
import { progressNote, readProgress } from '../progress/progress.js';
import type { ResultCodec } from '../results/result-codec.js';
import type { MonotonicClock } from '../support/clock.js';

export interface DeskParts {
  readonly events: QueueEvents;
  readonly clock: MonotonicClock;
  readonly checkpoints: CheckpointCodec;
  readonly results: ResultCodec;
  readonly flows: QueueFlows;
  readonly batches: BatchDoor;
}

/** Takes what the jobs of one queue tell while they run. The features of that are plugged in here. */
export class JobDesks implements AttemptDesks {
  constructor(
    private readonly taker: NoteTaker,
    private readonly parts: DeskParts,
  ) {}

  open(attempt: TellingAttempt): JobDesk {
    return new JobDesk(attempt, this.taker, this.parts);
  }

  readCheckpoint(id: string, text: string): unknown {
    return this.parts.checkpoints.decode(id, text);
  }

  readResult(id: string, text: string): unknown {
    return this.parts.results.decode(id, text);
  }

  async resultOf(id: string, ref: string, name: string): Promise<unknown> {
    const text = await this.parts.flows.readResult(ref, name);
    return text === null ? undefined : this.readResult(id, text);
  }

  addToBatch(batch: string, jobs: unknown): Promise<number> {
    return this.parts.batches.add(batch, jobs);
  }
}

/** Takes what one attempt tells. */
export class JobDesk implements AttemptDesk {
  private readonly notes: AttemptNotes;
  /** How many lines it has logged. */
  private logged = 0;

  constructor(
    private readonly attempt: TellingAttempt,
    taker: NoteTaker,
    private readonly parts: DeskParts,
  ) {
    this.notes = new AttemptNotes(taker, attempt.id, attempt.fence, parts.clock, this.emit);
  }

  progress(value: unknown): Promise<void> {
    return this.notes.add(progressNote(value));
  }

  log(line: unknown): void {
    const lines = [readLogLine(line)];
    this.notes.addLines({ before: this.logged++, lines });
  }

  checkpoint(value: unknown): Promise<void> {
    void this.notes.add({ checkpoint: this.parts.checkpoints.encode(this.attempt.id, value) });
    const storing = this.store();
    // A job that does not wait for it learns of a lost lease by its signal.
    storing.catch(() => undefined);
    return storing;
  }

  private async store(): Promise<void> {
    const { queue } = this.attempt;
    if (!(await this.notes.flush())) throw new LeaseLostError(queue);
  }

  close(): JobNote | undefined {
    return this.notes.close();
  }

  private readonly emit = ({ progress }: JobNote): void => {
    const { events, clock } = this.parts;
    if (progress === undefined || !events.observed.progress) return;
    const { queue, id, name, attempt, metadata, tags, carried } = this.attempt;
    const facts = { time: new Date(clock.now()), queue, id, name, attempt, metadata, tags };
    events.emit('progress', { ...facts, progress: readProgress(progress) }, carried);
  };
}
