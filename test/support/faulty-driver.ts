import type { RedisDriver } from '../../lib/drivers/redis/redis.driver.js';
import type { RedisCommands } from '../../lib/drivers/redis/redis-commands.js';
import type { ScriptDefinition } from '../../lib/drivers/redis/scripts/script.js';
import { QueueConnectionError } from '../../lib/queue.errors.js';

/** What becomes of a script that a driver sends. `die before`, `die after`: the process is killed before or after the server has executed it. */
export type Fault = 'none' | 'twice' | 'die before' | 'die after';

/** A deliberate fault in a script. */
export interface ScriptChange {
  readonly script: string;
  readonly find: string;
  readonly replace: string;
}

/** Lets a test decide what becomes of each script that a driver sends. A driver that has died sends nothing any more, and gets no answer. */
export class ScriptFaults {
  private static readonly all: ScriptFaults[] = [];
  private isDead = false;
  private hasEnded = false;
  private die!: () => void;
  private readonly waiting: ((error: Error) => void)[] = [];
  /** Resolves when the process has died. */
  readonly death = new Promise<'died'>((resolve) => {
    this.die = () => {
      this.isDead = true;
      resolve('died');
    };
  });

  /**
   * @param decide is called with the name of each script
   * @param change a deliberate fault
   */
  constructor(driver: RedisDriver, decide: (script: string) => Fault, change?: ScriptChange) {
    ScriptFaults.all.push(this);
    const { commands } = (driver as unknown as { toolkit: { commands: RedisCommands } }).toolkit;
    const run = commands.run.bind(commands) as (...args: unknown[]) => Promise<unknown>;
    const faulty = async (definition: ScriptDefinition, ...others: unknown[]): Promise<unknown> => {
      const args = [change?.script === definition.name ? changed(definition, change) : definition, ...others];
      if (this.isDead) return this.never();
      const fault = decide(definition.name);
      if (fault === 'die before') this.die();
      else {
        const reply = await run(...args);
        if (fault === 'twice') await run(...args);
        if (fault !== 'die after') return reply;
        this.die();
      }
      return this.never();
    };
    commands.run = faulty;
  }

  /** Ends the calls of all processes that have died, for the end of a test. */
  static end(): void {
    for (const each of this.all.splice(0)) {
      each.hasEnded = true;
      for (const reject of each.waiting.splice(0)) reject(died());
    }
  }

  private never(): Promise<never> {
    if (this.hasEnded) return Promise.reject(died());
    return new Promise((_, reject) => this.waiting.push(reject));
  }
}

/** Compiled scripts are kept by their names: the changed one has another name. */
function changed(definition: ScriptDefinition, { find, replace }: ScriptChange): ScriptDefinition {
  if (definition.body.split(find).length !== 2)
    throw new Error(`Script ${definition.name} does not contain once: ${find}`);
  return { ...definition, name: `${definition.name}, changed`, body: definition.body.replace(find, () => replace) };
}

function died(): Error {
  return new QueueConnectionError('The process has died');
}
