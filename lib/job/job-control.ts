import { toError } from '../support/error-text.js';

/** What a handler asked for through its context, in place of the usual end of its attempt. */
export type Verdict =
  { readonly kind: 'release'; readonly delay: number } | { readonly kind: 'fail'; readonly error: Error };

/** The executor's side of a {@link JobContext}: it aborts the signal and reads what the handler asked for. */
export class JobControl {
  private controller?: AbortController;
  private abortReason?: Error;
  private asked?: Verdict;

  /** @param maxTries what `context.maxTries` answers; it is known for good only once the job has been made */
  constructor(public maxTries: number) {}

  /** Made when first looked at: most handlers never do. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.abortReason) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  /** Why the signal was aborted, if it was. */
  get aborted(): Error | undefined {
    return this.abortReason;
  }

  /** What the handler asked for last, if anything. */
  get verdict(): Verdict | undefined {
    return this.asked;
  }

  /** Aborts the signal; only the first reason counts. */
  abort(reason: Error): void {
    if (this.abortReason) return;
    this.abortReason = reason;
    this.controller?.abort(reason);
  }

  release(delay: number): void {
    this.asked = { kind: 'release', delay };
  }

  fail(error: unknown): void {
    this.asked = { kind: 'fail', error: toError(error) };
  }
}
