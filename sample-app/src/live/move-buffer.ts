import type { QueueEvent } from 'nestjs-job-queue';
import type { Move, Moves } from './live-message.js';

/** An event of one job. */
type OfJob = Extract<QueueEvent, { readonly attempt: number }>;

/** So many moves of a message can be seen. */
const MOST = 40;
/** Of these there are many, and each looks like the others. */
const COMMON: ReadonlySet<string> = new Set(['pushed', 'started', 'completed', 'progress']);

/** Collects the events of a moment: ten thousand jobs a second are more than a page can draw. */
export class MoveBuffer {
  private rare: Move[] = [];
  private common: Move[] = [];
  private completed: Record<string, number> = {};

  add(event: QueueEvent): void {
    if (!('attempt' in event)) return;
    if (event.type === 'completed') this.completed[event.queue] = (this.completed[event.queue] ?? 0) + 1;
    const moves = COMMON.has(event.type) ? this.common : this.rare;
    moves.push(toMove(event));
    if (moves.length > MOST) moves.shift();
  }

  /** Returns the moves since the last call; nothing if there were none. */
  take(): Moves | undefined {
    const moves = [...this.common, ...this.rare].slice(-MOST);
    if (moves.length === 0) return undefined;
    const taken = { moves, completed: this.completed };
    this.rare = [];
    this.common = [];
    this.completed = {};
    return taken;
  }
}

function toMove(event: OfJob): Move {
  const { type, queue, id, name, attempt } = event;
  return {
    type,
    queue,
    id,
    name,
    attempt,
    ...('delay' in event && { delay: event.delay }),
    ...('progress' in event && { progress: event.progress }),
    ...('error' in event && event.error && { error: event.error.message }),
  };
}
