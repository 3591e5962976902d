import type { PendingPush } from '../middleware/dispatch-stage.js';

/** A push that waits. */
export interface DeferredPush {
  readonly push: PendingPush;
  /** When it was made, in milliseconds on the monotonic clock. */
  readonly at: number;
  /** The call of `deferPushes()` in which it was made, if it was made in one. */
  readonly scope: DeferralScope | undefined;
}

/** The pushes of an outermost call of `deferPushes()`, in their order. */
export class DeferredPushes {
  isOpen = true;
  private list: DeferredPush[] = [];

  add(push: DeferredPush): void {
    this.list.push(push);
  }

  has(id: string): boolean {
    return this.list.some(({ push }) => push.id === id);
  }

  /** Ends the collection, and returns the pushes that were not dropped. */
  close(): DeferredPush[] {
    this.isOpen = false;
    const all = this.list;
    this.list = [];
    return all.filter(({ scope }) => !scope?.isDropped);
  }
}

/** One call of `deferPushes()`. A nested one adds to the pushes of the outer one. */
export class DeferralScope {
  private hasFailed = false;

  constructor(
    readonly pushes: DeferredPushes,
    private readonly outer?: DeferralScope,
  ) {}

  /** True if its callback, or that of an outer call, rejected: then its pushes are never stored, also those that come later. */
  get isDropped(): boolean {
    return this.hasFailed || this.outer?.isDropped === true;
  }

  drop(): void {
    this.hasFailed = true;
  }
}
