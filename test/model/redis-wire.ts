import type { QueueKeys } from '../../lib/drivers/redis/keys.js';
import { clearScript } from '../../lib/drivers/redis/scripts/clear.script.js';
import { heartbeatScript } from '../../lib/drivers/redis/scripts/heartbeat.script.js';
import { pushScript } from '../../lib/drivers/redis/scripts/push.script.js';
import { stepScript } from '../../lib/drivers/redis/scripts/step.script.js';
import { encodeSettlements } from '../../lib/drivers/redis/step-codec.js';
import type { ScriptInput } from '../../lib/drivers/redis/scripts/script.js';
import type { ResendingRunner } from './resending-runner.js';
import { INTERVAL, LEASE, type Claim, type Place, type Wire } from './subject.interface.js';

type StepInput = typeof stepScript extends {
  keys: readonly (infer K extends string)[];
  args: readonly (infer A extends string)[];
}
  ? ScriptInput<K, A>
  : never;

/** Sends what a network that holds messages back may bring late, and what a process may say that was stopped for long. */
export class RedisWire implements Wire {
  constructor(
    private readonly keys: QueueKeys,
    private readonly producer: () => ResendingRunner,
    /** Who sent the steps of a holder. */
    private readonly runnerOf: (holder: string) => ResendingRunner | undefined,
  ) {}

  async resendStep(holder: string, back: number, exceptFirst: boolean): Promise<number | undefined> {
    const sent = this.sentBy(holder).at(-1 - back);
    if (!sent || (exceptFirst && sent.args.number === 1)) return undefined;
    return codeOf(await this.producer().run(stepScript, sent));
  }

  async stepAsGoner(holder: string, claims: readonly Claim[]): Promise<number> {
    const last = this.sentBy(holder).at(-1)!;
    const completed = claims.slice(0, Math.ceil(claims.length / 2));
    const others = claims.slice(completed.length);
    const { completed: text } = encodeSettlements(completed.map(({ id, fence }) => ({ kind: 'complete', id, fence })));
    const input: StepInput = {
      keys: last.keys,
      args: { ...last.args, number: Number(last.args.number) + 1, limit: 2, suspect: 1, completed: text },
      rest: others.flatMap(({ id, fence }) => ['retry', id, fence, 0, '"too late"']),
    };
    return codeOf(await this.producer().run(stepScript, input));
  }

  async resendPush(): Promise<unknown> {
    const producer = this.producer();
    return producer.lastPush && producer.run(pushScript, producer.lastPush);
  }

  async resendClear(place: Place): Promise<unknown> {
    const producer = this.producer();
    const sent = producer.lastClears.get(place);
    return sent && producer.run(clearScript, sent);
  }

  async heartbeat(worker: string, twice: boolean): Promise<unknown> {
    const args = { worker, lease: LEASE * 1000, interval: INTERVAL, grace: INTERVAL };
    const runner = this.producer();
    return runner.sending(twice, () => runner.run(heartbeatScript, { keys: this.keys, args }));
  }

  private sentBy(holder: string): StepInput[] {
    const steps = (this.runnerOf(holder)?.steps ?? []) as StepInput[];
    return steps.filter(({ args }) => args.worker === holder);
  }
}

function codeOf(reply: unknown): number {
  return (reply as [number])[0];
}
