import { AsyncLocalStorage } from 'node:async_hooks';
import type { DispatchResult } from '../job/dispatch-result.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import type { TransactionSource } from '../job/transaction-source.interface.js';
import type { PendingPush } from '../middleware/dispatch-stage.js';
import type { MonotonicClock } from '../support/clock.js';
import { errorMessage, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { DeferralScope, DeferredPushes, type DeferredPush } from './deferred-pushes.js';

export interface DeferralParts {
  readonly codec: JobCodec;
  readonly clock: MonotonicClock;
  readonly logger: QueueLogger;
  /** Missing if no push waits for a commit. */
  readonly transactions?: TransactionSource;
}

/** Stores pushes together. */
type Store = (pushes: readonly PendingPush[]) => Promise<unknown>;

/** The most ids that a log line names. */
const MOST_IDS = 10;

/**
 * Keeps pushes until they may be stored:
 *
 * 1. those in a callback of `deferPushes()`, until it resolves;
 * 2. those with `afterCommit` in a transaction, until it is committed.
 *
 * A push is checked and encoded when it is made, so that a wrong one rejects there, and data that changes later is stored as it was.
 */
export class PushDeferral {
  private readonly scopes = new AsyncLocalStorage<DeferralScope>();
  /** True once a push may have to wait: a process without that asks for no asynchronous context. */
  isUsed: boolean;
  /** The pushes whose transaction is committed. */
  private committed: DeferredPush[] = [];
  private flushing: Promise<void> | undefined;

  constructor(
    private readonly parts: DeferralParts,
    private readonly store: Store,
  ) {
    this.isUsed = parts.transactions !== undefined;
  }

  /** Runs a callback, and stores its pushes together when it has resolved. A nested call leaves that to the outer one. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    this.isUsed = true;
    const outer = this.scopes.getStore();
    const isNested = outer?.pushes.isOpen === true && !outer.isDropped;
    const scope = isNested ? new DeferralScope(outer.pushes, outer) : new DeferralScope(new DeferredPushes());
    let result: T;
    try {
      result = await this.scopes.run(scope, async () => work());
    } catch (error) {
      scope.drop();
      if (!isNested) scope.pushes.close();
      throw error;
    }
    if (!isNested) await this.send(scope.pushes.close());
    return result;
  }

  /** Keeps a push if it has to wait; returns `undefined` for one that is stored now. @throws PayloadNotSerializableError, PayloadTooLargeError */
  take(push: PendingPush): DispatchResult | undefined {
    const [kept] = this.takeSome([push]);
    return kept;
  }

  /** Keeps those of many pushes that have to wait. @returns a result for each of these, at its index */
  takeSome(pushes: readonly PendingPush[]): (DispatchResult | undefined)[] {
    const scope = this.openScope;
    const forCommit: DeferredPush[] = [];
    const results = pushes.map((push): DispatchResult | undefined => {
      const waits = this.waitsForCommit(push);
      if (!waits && !scope) return undefined;
      const deferred = { push: this.snapshot(push), at: this.parts.clock.monotonic(), scope };
      if (waits) forCommit.push(deferred);
      else scope!.pushes.add(deferred);
      return { id: push.id, outcome: 'deferred' };
    });
    if (forCommit.length > 0) this.parts.transactions!.onCommit(() => this.onCommit(forCommit));
    return results;
  }

  /** Returns whether a push would wait. */
  defers(push: PendingPush): boolean {
    return this.isUsed && (this.openScope !== undefined || this.waitsForCommit(push));
  }

  /** Returns whether a job waits in the current call of `deferPushes()`. */
  holds(id: string): boolean {
    return this.isUsed && this.openScope?.pushes.has(id) === true;
  }

  /** The current call of `deferPushes()`: its pushes are kept, or dropped if it has failed. */
  private get openScope(): DeferralScope | undefined {
    const scope = this.scopes.getStore();
    return scope && (scope.pushes.isOpen || scope.isDropped) ? scope : undefined;
  }

  private waitsForCommit({ afterCommit }: PendingPush): boolean {
    return afterCommit === true && this.parts.transactions?.isActive() === true;
  }

  /** Encodes a push. A debounced one that is merged keeps a copy of its data, since it is encoded again. */
  private snapshot(push: PendingPush): PendingPush {
    const encoded = this.parts.codec.encode(push);
    return push.merge ? { ...push, data: this.dataOf(push, encoded.body) } : { ...push, encoded };
  }

  private dataOf({ id }: PendingPush, body: string): unknown {
    const { codec } = this.parts;
    return codec.decodeData(codec.decode(id, body));
  }

  private onCommit(pushes: readonly DeferredPush[]): Promise<void> {
    const alive = pushes.filter(({ scope }) => !scope?.isDropped);
    const scope = this.openScope;
    if (scope) {
      for (const push of alive) scope.pushes.add({ ...push, scope });
      return Promise.resolve();
    }
    this.committed.push(...alive);
    // A source may call the callbacks of a transaction one after the other: their pushes go together.
    return (this.flushing ??= Promise.resolve().then(() => this.flush()));
  }

  private async flush(): Promise<void> {
    this.flushing = undefined;
    const pushes = this.committed;
    this.committed = [];
    try {
      await this.send(pushes);
    } catch (thrown) {
      const error = toError(thrown);
      // The transaction is committed, and its caller must not take it for rolled back.
      this.parts.logger.error(`${describeJobs(pushes)} may not be stored, after the commit: ${errorMessage(error)}`);
    }
  }

  private async send(pushes: readonly DeferredPush[]): Promise<void> {
    if (pushes.length > 0) await this.store(pushes.map((each) => this.due(each)));
  }

  /** Counts the delay from when the push was made. The wait of a debounced push begins when it is stored. */
  private due({ push, at }: DeferredPush): PendingPush {
    const { delay, traits, encoded } = push;
    if (delay === 0 || traits?.debounce || !encoded) return push;
    const left = Math.max(delay - (this.parts.clock.monotonic() - at) / 1000, 0);
    return { ...push, delay: left, data: this.dataOf(push, encoded.body), encoded: undefined };
  }
}

function describeJobs(pushes: readonly DeferredPush[]): string {
  const ids = pushes.map(({ push }) => push.id);
  const others = ids.length > MOST_IDS ? ` and ${ids.length - MOST_IDS} more` : '';
  return `Jobs ${ids.slice(0, MOST_IDS).join(', ')}${others}`;
}
