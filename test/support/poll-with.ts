import type { Redis } from 'ioredis';
import type { QueueKeys } from '../../lib/drivers/redis/keys.js';
import type { ComposedScript } from '../../lib/drivers/redis/scripts/compose-script.js';
import { readReply, type ReplyFields } from '../../lib/drivers/redis/scripts/reply.js';
import { compileScript, toCall } from '../../lib/drivers/redis/scripts/script.js';
import { SCRIPT_TIME } from './redis-clock.js';

const SECOND = 1_000;

/** What a poll asks for. Default: nothing, as the first poll of its consumer. */
export interface PollWishes {
  readonly limit?: number;
  readonly completed?: string;
  readonly rest?: readonly (string | number)[];
  readonly number?: number;
  /** How many values of notes `rest` begins with. */
  readonly values?: number;
}

/** Polls with a poll script that may have other parts, and reads the reply by its own declaration. */
export async function pollWith(
  client: Redis,
  keys: QueueKeys,
  script: ComposedScript<string, string, ReplyFields>,
  { consumer, limit = 0, completed = '', rest, number = 1, values = 0 }: PollWishes & { readonly consumer: string },
) {
  const { statusPrefix, claimedPrefix, pollsPrefix } = keys;
  const requested = { consumer, number, limit, completed, answered: 0, after: 0, takesRecovered: 1, values };
  const own = { ownLimits: '', obeyed: '', lowEach: 20, counted: '', completedCodes: '', otherCodes: '' };
  const terms = { lease: 30 * SECOND, interval: 10 * SECOND, grace: 2 * SECOND };
  const places = { statusTtl: 3600, queue: 'mail', statusPrefix, claimedPrefix };
  const kept = { completedTtl: 3600, failedTtl: 3600, maxCompleted: 100, maxFailed: 100 };
  const args: Record<string, string | number> = { ...requested, ...own, ...terms, ...places, ...kept };
  const all: Record<string, string> = { ...keys, claimed: claimedPrefix + consumer, polls: pollsPrefix + consumer };
  const [keyCount, ...sent] = toCall<string, string>(script, { keys: all, args, rest });
  const reply = await client.eval(compileScript(script, SCRIPT_TIME).source, Number(keyCount), ...sent);
  return readReply<ReplyFields>(script.reply, reply);
}
