import { randomBytes } from 'node:crypto';
import type { QueuePause, QueuePauses } from '../queue-pauses.interface.js';
import { ANSWER_TTL } from './answer-ttl.js';
import type { RedisSignals } from './redis-signals.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { pauseScript, pauseStateScript, resumeScript } from './scripts/pause.script.js';

/** The longest wait for consumers to obey a pause, in milliseconds. */
const LONGEST_WAIT = 1_000;
/** The first and the longest pause between two looks at them, in milliseconds. */
const FIRST_LOOK = 2;
const LONGEST_LOOK = 50;

/** Pauses queues, and waits until the consumers obey. */
export class RedisPauses implements QueuePauses {
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly signals: RedisSignals,
  ) {}

  async pause(queue: string, milliseconds: number | null): Promise<void> {
    const { commands, clock } = this.toolkit;
    const keys = this.toolkit.keys.of(queue);
    const id = newId();
    const own = { pauseId: id, milliseconds: milliseconds ?? '', claimedPrefix: keys.claimedPrefix };
    const input = { keys: { ...keys, answer: keys.callPrefix + id }, args: { ...own, answerTtl: ANSWER_TTL } };
    let holders = (await commands.run(pauseScript, input, 'deadline', queue)) as string[];
    this.signals.send(queue);
    for (let waited = 0, look = FIRST_LOOK; holders.length > 0 && waited < LONGEST_WAIT; waited += look) {
      look = Math.min(look * 2, LONGEST_LOOK);
      await new Promise<void>((resolve) => void clock.after(look, resolve));
      const state = await this.state(queue, holders);
      // Somebody ended or replaced the pause.
      if (state.id !== id) return;
      holders = state.late;
    }
  }

  async resume(queue: string): Promise<void> {
    const keys = this.toolkit.keys.of(queue);
    const input = { keys: { ...keys, answer: keys.callPrefix + newId() }, args: { answerTtl: ANSWER_TTL } };
    await this.toolkit.commands.run(resumeScript, input, 'deadline', queue);
    this.signals.send(queue);
  }

  async read(queue: string): Promise<QueuePause | null> {
    const { id, until } = await this.state(queue, []);
    return id === '' ? null : { until };
  }

  private async state(queue: string, consumers: readonly string[]) {
    const keys = this.toolkit.keys.of(queue);
    const { claimedPrefix, pollsPrefix } = keys;
    const input = { keys, args: { claimedPrefix, pollsPrefix }, rest: consumers };
    const reply = await this.toolkit.commands.run(pauseStateScript, input, 'deadline', queue);
    const [id, until, late] = reply as [string, number, string[]];
    return { id, until: until < 0 ? null : until, late };
  }
}

function newId(): string {
  return randomBytes(9).toString('base64url');
}
