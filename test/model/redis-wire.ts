import type { QueueKeys } from '../../lib/drivers/redis/keys.js';
import { clearGroupsScript, clearScript } from '../../lib/drivers/redis/scripts/clear.script.js';
import { heartbeatScript } from '../../lib/drivers/redis/scripts/heartbeat.script.js';
import { WHOLE } from '../../lib/drivers/redis/scripts/compose-short.js';
import { pollScript, rankedPollScript, shortPollScript } from '../../lib/drivers/redis/scripts/poll.script.js';
import { encodeSettlements } from '../../lib/drivers/redis/poll-codec.js';
import type { InputOf } from '../../lib/drivers/redis/scripts/script.js';
import { expectSame } from './mismatch.js';
import type { ResendingCommands } from './resending-commands.js';
import { GRACE, INTERVAL, LEASE, type Claim, type Place, type Wire } from './subject.interface.js';

type PollInput = InputOf<typeof pollScript>;

/** Sends messages that a slow network may deliver late, or that a process may send after it was stopped for long. */
export class RedisWire implements Wire {
  constructor(
    private readonly keys: QueueKeys,
    private readonly producer: () => ResendingCommands,
    /** Returns the sender of the polls of a consumer. */
    private readonly runnerOf: (consumerId: string) => ResendingCommands | undefined,
  ) {}

  async resendPoll(consumerId: string, back: number, exceptFirst: boolean): Promise<number | undefined> {
    const sent = this.sentBy(consumerId).at(-1 - back);
    if (!sent || (exceptFirst && sent.args.number === 1)) return undefined;
    // A late copy of a short poll is for the whole script.
    for (const form of [shortPollScript, rankedPollScript]) {
      expectSame('second answer', `to a late ${form.name}`, codeOf(await this.producer().run(form, sent)), WHOLE);
    }
    return codeOf(await this.producer().run(pollScript, sent));
  }

  async pollAsLost(consumerId: string, claims: readonly Claim[]): Promise<number> {
    const last = this.sentBy(consumerId).at(-1)!;
    const completed = claims.slice(0, Math.ceil(claims.length / 2));
    const others = claims.slice(completed.length);
    const { completed: text } = encodeSettlements(completed.map(({ id, fence }) => ({ kind: 'complete', id, fence })));
    const input: PollInput = {
      keys: last.keys,
      args: {
        ...last.args,
        number: Number(last.args.number) + 1,
        limit: 2,
        takesRecovered: 1,
        values: 0,
        completed: text,
      },
      rest: others.flatMap(({ id, fence }) => ['retry', id, fence, 0, '"too late"']),
    };
    return codeOf(await this.producer().run(pollScript, input));
  }

  async resendPush(): Promise<unknown> {
    return this.producer().repeatPush?.();
  }

  async resendClear(place: Place): Promise<unknown> {
    const producer = this.producer();
    const sent = producer.lastClears.get(place);
    if (place === 'grouped') return sent && this.clearGroups(sent);
    return sent && producer.run(clearScript, sent);
  }

  async heartbeat(consumer: string, twice: boolean): Promise<unknown> {
    const { claimedPrefix, pollsPrefix } = this.keys;
    const args = { consumer, lease: LEASE * 1000, interval: INTERVAL, grace: GRACE, next: INTERVAL, claimedPrefix };
    const keys = { ...this.keys, polls: pollsPrefix + consumer };
    const runner = this.producer();
    return runner.sending(twice, () => runner.run(heartbeatScript, { keys, args }));
  }

  /** Names all groups of now. */
  private async clearGroups(sent: InputOf<typeof clearGroupsScript>): Promise<unknown> {
    const { groups } = this.keys;
    const producer = this.producer();
    const names = await producer.call((client) => client.hkeys(groups), 'once');
    const input = { ...sent, rest: names.filter((name) => name !== '') };
    const [, , gone] = (await producer.run(clearGroupsScript, input)) as number[];
    const sums = await producer.call((client) => client.hget(groups, ''), 'once');
    return [0, Number.parseInt(sums ?? '0', 10), gone];
  }

  /** Returns the polls of a consumer, each as it was sent last. */
  private sentBy(consumerId: string): PollInput[] {
    const polls = (this.runnerOf(consumerId)?.polls ?? []) as PollInput[];
    const own = polls.filter(({ args }) => args.consumer === consumerId);
    return [...new Map(own.map((input) => [input.args.number, input])).values()];
  }
}

function codeOf(reply: unknown): number {
  return (reply as [number])[0];
}
