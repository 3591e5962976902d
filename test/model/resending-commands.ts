import { RedisCommands, type RetryPolicy } from '../../lib/drivers/redis/redis-commands.js';
import type { ScriptDefinition, ScriptInput } from '../../lib/drivers/redis/scripts/script.js';
import { clearScript } from '../../lib/drivers/redis/scripts/clear.script.js';
import { pushScript } from '../../lib/drivers/redis/scripts/push.script.js';
import { pollScript } from '../../lib/drivers/redis/scripts/poll.script.js';
import { readPoll, toResult } from '../../lib/drivers/redis/poll-codec.js';
import { expectSame, type Mismatch } from './mismatch.js';

type AnyInput = ScriptInput<string, string>;

/**
 * Sends scripts once or, when it is told so, twice: as a client does that got no answer. Who asked sees the second answer
 * alone. It keeps what it sent, for that to arrive late.
 */
export class ResendingCommands extends RedisCommands {
  readonly polls: AnyInput[] = [];
  lastPush: AnyInput | undefined;
  /** What was sent last to drop the jobs of each place. */
  readonly lastClears = new Map<unknown, AnyInput>();
  private twice = false;
  private mismatch: Mismatch | undefined;

  get lastPoll(): AnyInput | undefined {
    return this.polls.at(-1);
  }

  async sending<T>(twice: boolean, send: () => Promise<T>): Promise<T> {
    this.twice = twice;
    const result = await send();
    this.twice = false;
    if (this.mismatch) throw this.mismatch;
    return result;
  }

  override async run<Key extends string, Arg extends string>(
    definition: ScriptDefinition<Key, Arg>,
    input: ScriptInput<Key, Arg>,
    policy: RetryPolicy = 'once',
    queue?: string,
  ): Promise<unknown> {
    if (definition.name === pollScript.name) this.polls.push(input);
    if (definition.name === pushScript.name) this.lastPush = input;
    if (definition.name === clearScript.name) this.lastClears.set((input as AnyInput).args['place'], input);
    const { twice } = this;
    const send = (): Promise<unknown> => super.run(definition, input, policy, queue);
    if (!twice) return send();
    const [first, second] = await Promise.all([send(), send()]);
    try {
      if (definition.name === pushScript.name) expectSame('second answer', 'to a push', second, -1);
      else if (definition.name === pollScript.name)
        expectSame('second answer', 'to a poll', toAnswer(second), toAnswer(first));
      else if (definition.name !== clearScript.name) expectSame('second answer', definition.name, second, first);
    } catch (error) {
      // Not from here: the driver ignores errors of some commands.
      this.mismatch = error as Mismatch;
    }
    return second;
  }
}

/** What a client makes of a reply: an empty text and none are the same to it. */
function toAnswer(raw: unknown) {
  const reply = readPoll(raw);
  const { code, last, now } = reply;
  return { code, last, now, result: toResult(reply) };
}
