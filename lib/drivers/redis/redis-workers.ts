import type { Timer } from '../../support/clock.js';
import type { JoinedWorker, QueueWorkers, WorkerSign } from '../queue-workers.interface.js';
import type { RedisToolkit } from './redis-toolkit.js';
import type { ScriptDefinition } from './scripts/script.js';
import { forgetWorkerScript, readWorkersScript, tellWorkerScript } from './scripts/workers.script.js';

/** The length of the time in front of a sign. */
const TIME_LENGTH = 13;
/** The interval of signs of life, in milliseconds. */
const INTERVAL = 10_000;
/** A worker is forgotten after so many milliseconds without a sign: it may lose two. */
const KEPT = 3.5 * INTERVAL;

/**
 * Keeps the signs of life of all workers in one slot. A worker gives one when it joins, every ten seconds, and when it has
 * changed.
 */
export class RedisWorkers implements QueueWorkers {
  private readonly timers = new Map<string, Timer>();

  constructor(private readonly toolkit: RedisToolkit) {}

  join(id: string, text: () => string): JoinedWorker {
    const tell = (): void => {
      this.timers.get(id)?.cancel();
      this.timers.set(id, this.toolkit.clock.after(INTERVAL, tell));
      this.send(tellWorkerScript, { id, text: text(), keep: KEPT });
    };
    tell();
    const leave = (): void => {
      this.timers.get(id)?.cancel();
      this.timers.delete(id);
      this.send(forgetWorkerScript, { id });
    };
    return { changed: () => this.timers.has(id) && tell(), leave };
  }

  /** Cancels the timers. */
  close(): void {
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
  }

  async read(): Promise<WorkerSign[]> {
    const { commands, keys } = this.toolkit;
    const signs = new Map<string, WorkerSign>();
    for (let skip = 0; ;) {
      const input = { keys: keys.ofWorkers, args: { skip } };
      const page = (await commands.run(readWorkersScript, input, 'deadline')) as string[];
      if (page.length === 0) return [...signs.values()];
      for (let i = 0; i < page.length; i += 2) {
        const [id, text] = page.slice(i, i + 2) as [string, string];
        signs.set(id, { id, text: text.slice(TIME_LENGTH), lastSeenAt: Number(text.slice(0, TIME_LENGTH)) });
      }
      skip += page.length / 2;
    }
  }

  /** Sends a sign, if the server is there: the next one makes up for it. */
  private send<Arg extends string>(
    script: ScriptDefinition<'workers' | 'signs', Arg>,
    args: Readonly<Record<Arg, string | number>>,
  ): void {
    const { commands, keys, connection } = this.toolkit;
    if (connection.isReady) commands.run(script, { keys: keys.ofWorkers, args }, 'once').catch(ignore);
  }
}

function ignore(): void {
  // See the caller.
}
