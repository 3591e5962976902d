import { RedisCommands, type RetryPolicy } from '../../lib/drivers/redis/redis-commands.js';
import type { ScriptDefinition, ScriptInput } from '../../lib/drivers/redis/scripts/script.js';
import { clearGroupsScript, clearScript } from '../../lib/drivers/redis/scripts/clear.script.js';
import {
  pushDebouncedScript,
  pushGivenScript,
  pushGroupedScript,
  pushScript,
  pushRankedScript,
  pushTraitsScript,
} from '../../lib/drivers/redis/scripts/push.script.js';
import { WHOLE } from '../../lib/drivers/redis/scripts/compose-short.js';
import { POLL_FORMS, pollScript } from '../../lib/drivers/redis/scripts/poll.script.js';
import { readPoll, toResult, type PollScript } from '../../lib/drivers/redis/poll-codec.js';
import { expectSame, type Mismatch } from './mismatch.js';
import type { Delivery } from './subject.interface.js';

const IN_PARTS: ReadonlySet<string> = new Set([clearScript.name, clearGroupsScript.name]);

/** The code of a poll that came before the poll that it names. */
const EARLY = 3;

/** The process has died. */
export class Killed extends Error {}

type AnyInput = ScriptInput<string, string>;

/** Sends scripts in the order and as often as the delivery says. Keeps the scripts, so that they can arrive late. */
export class ResendingCommands extends RedisCommands {
  readonly polls: AnyInput[] = [];
  /** Sends the last push again. */
  repeatPush: (() => Promise<unknown>) | undefined;
  /** The last clear script of each place. */
  readonly lastClears = new Map<unknown, AnyInput>();
  private delivery: Delivery = 'in order';
  private lastScript: string | undefined;
  private isDead = false;
  private mismatch: Mismatch | undefined;
  /** The answers to the first copies of short polls whose second copies did nothing, by consumer and number. */
  private readonly shortAnswers = new Map<string, ReturnType<typeof toAnswer>>();
  /** The messages that wait until the client has sent all that it sends at once. */
  private readonly held: (() => void)[] = [];

  get lastPoll(): AnyInput | undefined {
    return this.polls.at(-1);
  }

  async sending<T>(delivery: Delivery | boolean, send: () => Promise<T>): Promise<T> {
    this.delivery = delivery === true ? 'twice' : delivery || 'in order';
    const [sent] = await Promise.allSettled([send()]);
    this.delivery = 'in order';
    if (this.mismatch) throw this.mismatch;
    if (sent.status === 'rejected') throw sent.reason;
    return sent.value;
  }

  /** Dies as soon as the server has executed a script of this name: sends nothing any more. `undefined`: lives again. */
  dieAfter(script: string | undefined): void {
    this.lastScript = script;
    this.isDead = false;
  }

  override async run<Key extends string, Arg extends string>(
    definition: ScriptDefinition<Key, Arg>,
    input: ScriptInput<Key, Arg>,
    policy?: RetryPolicy,
    queue?: string,
  ): Promise<unknown> {
    if (this.isDead) throw new Killed();
    const reply = await this.deliver(definition, input, policy, queue);
    if (definition.name !== this.lastScript) return reply;
    this.isDead = true;
    throw new Killed();
  }

  private async deliver<Key extends string, Arg extends string>(
    definition: ScriptDefinition<Key, Arg>,
    input: ScriptInput<Key, Arg>,
    policy: RetryPolicy = 'once',
    queue?: string,
  ): Promise<unknown> {
    if (isPoll(definition)) this.polls.push(input);
    if (isPush(definition)) this.repeatPush = () => this.run(definition, input);
    if (definition.name === clearScript.name) this.lastClears.set((input as AnyInput).args['place'], input);
    if (definition.name === clearGroupsScript.name) this.lastClears.set('grouped', input);
    const send = (): Promise<unknown> => super.run(definition, input, policy, queue);
    switch (this.delivery) {
      case 'in order':
        return send();
      case 'early':
        return this.held.length === 0 ? this.hold(send, 'last') : send();
      case 'twice': {
        const [first, second] = await Promise.all([send(), send()]);
        return this.compared(definition, input, first, second);
      }
      default: {
        const again = this.hold(send, this.delivery === 'again in order' ? 'last' : 'first');
        const [first, second] = await Promise.all([send(), again]);
        return this.compared(definition, input, first, second);
      }
    }
  }

  /** Sends a message later: the messages that the client sends at once go first. */
  private hold(send: () => Promise<unknown>, place: 'first' | 'last'): Promise<unknown> {
    if (this.held.length === 0) setImmediate(() => this.held.splice(0).forEach((each) => each()));
    return new Promise((resolve, reject) => {
      const release = (): void => void send().then(resolve, reject);
      if (place === 'first') this.held.unshift(release);
      else this.held.push(release);
    });
  }

  private comparePoll(input: AnyInput, first: unknown, second: unknown): void {
    // The poll before it was sent again behind it, as a whole one: its second copy comes after that.
    if (codeOf(first) === EARLY && codeOf(second) !== EARLY) return;
    expectSame('second answer', 'to a poll', toAnswer(second, this.delivery), toAnswer(first, this.delivery));
    const shortAnswer = this.shortAnswers.get(pollOf(input));
    if (shortAnswer) expectSame('answer', 'to a short poll', toAnswer(first, 'again in order'), shortAnswer);
  }

  /** A short poll that arrives again does nothing. Its consumer sends it as a whole one then, and gets the first answer again. */
  private compareShort(form: PollScript, input: AnyInput, first: unknown, second: unknown): void {
    expectSame('second answer', 'to a short poll', codeOf(second), WHOLE);
    if (codeOf(first) === WHOLE) return;
    this.shortAnswers.set(pollOf(input), toAnswer(first, 'again in order', form));
  }

  private compared(definition: ScriptDefinition, input: AnyInput, first: unknown, second: unknown): unknown {
    const form = POLL_FORMS.find(({ name }) => name === definition.name);
    try {
      // A push that names conflicts or duplicates names them again.
      if (isPush(definition)) expectSame('second answer', 'to a push', second, Array.isArray(first) ? first : -1);
      else if (form === pollScript) this.comparePoll(input, first, second);
      else if (form) this.compareShort(form, input, first, second);
      // Those that work by parts go on with the next part.
      else if (!IN_PARTS.has(definition.name)) expectSame('second answer', definition.name, second, first);
    } catch (error) {
      // Not thrown here: the driver ignores errors of some commands.
      this.mismatch = error as Mismatch;
    }
    return second;
  }
}

function isPoll({ name }: ScriptDefinition): boolean {
  return POLL_FORMS.some((form) => form.name === name);
}

/** Names a poll by its consumer and its number. */
function pollOf({ args }: AnyInput): string {
  return `${args['consumer']} ${args['number']}`;
}

function codeOf(reply: unknown): number {
  return (reply as [number])[0];
}

function isPush({ name }: ScriptDefinition): boolean {
  return [pushScript, pushGivenScript, pushRankedScript, pushTraitsScript, pushGroupedScript, pushDebouncedScript].some(
    (script) => script.name === name,
  );
}

/**
 * Reads a reply as a client does: an empty text and a missing text are equal. Another poll changes the remaining jobs.
 */
function toAnswer(raw: unknown, delivery: Delivery, script: PollScript = pollScript) {
  const reply = readPoll(raw, script);
  const { code, last, now } = reply;
  const { more, recovered, paused, limited, blocked, held, cancelled, nextDue, ...lasting } = toResult(reply);
  const left = { more, recovered, paused, limited, blocked, held, cancelled, nextDue };
  return { code, last, ...lasting, now, ...(delivery === 'twice' && left) };
}
