import { randomBytes } from 'node:crypto';
import type { QueueLimits, StartLimits, LimitsState } from '../queue-limits.interface.js';
import { ANSWER_TTL } from './answer-ttl.js';
import { decodeLimits, encodeLimits, NO_LIMITS_TEXT, smallerLimits } from './limits-codec.js';
import type { RedisSignals } from './redis-signals.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { holdQueueScript } from './scripts/hold-queue.script.js';
import { endHoldScript } from './scripts/pause.script.js';
import { readLimitsScript, setLimitsScript } from './scripts/set-limits.script.js';

/** Sets and reads the limits of queues, begins and ends their holds. */
export class RedisLimits implements QueueLimits {
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly signals: RedisSignals,
  ) {}

  async set(queue: string, limits: StartLimits | null): Promise<void> {
    const keys = this.toolkit.keys.of(queue);
    const text = limits ? encodeLimits(limits) || NO_LIMITS_TEXT : '';
    const answer = keys.callPrefix + randomBytes(9).toString('base64url');
    const input = { keys: { ...keys, answer }, args: { text, answerTtl: ANSWER_TTL } };
    await this.toolkit.commands.run(setLimitsScript, input, 'deadline', queue);
    this.signals.send(queue);
  }

  async hold(queue: string, seconds: number): Promise<void> {
    const keys = this.toolkit.keys.of(queue);
    const answer = keys.callPrefix + randomBytes(9).toString('base64url');
    const args = { milliseconds: Math.ceil(seconds * 1000), answerTtl: ANSWER_TTL };
    await this.toolkit.commands.run(holdQueueScript, { keys: { ...keys, answer }, args }, 'deadline', queue);
    this.signals.send(queue);
  }

  async endHold(queue: string): Promise<boolean> {
    const keys = this.toolkit.keys.of(queue);
    const answer = keys.callPrefix + randomBytes(9).toString('base64url');
    const input = { keys: { ...keys, answer }, args: { answerTtl: ANSWER_TTL } };
    const ended = await this.toolkit.commands.run(endHoldScript, input, 'deadline', queue);
    this.signals.send(queue);
    return ended === 1;
  }

  async read(queue: string): Promise<LimitsState> {
    const { commands, keys, limits: own } = this.toolkit;
    const input = { keys: keys.of(queue), args: {} };
    const reply = await commands.run(readLimitsScript, input, 'deadline', queue);
    const [set = '', ...shared] = (reply as string[]).map(String);
    const [least, slowest, groupLeast, groupSlowest, ordered, held] = shared;
    const heldUntil = Number(held) > 0 ? Number(held) : null;
    if (set !== '') return { limits: decodeLimits(set), isSet: true, heldUntil };
    const text = [least || '-', slowest || '- -', groupLeast || '-', groupSlowest || '- -', ordered || '-'].join(' ');
    return { limits: smallerLimits(own(queue), decodeLimits(text)), isSet: false, heldUntil };
  }
}
