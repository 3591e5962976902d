import { toError } from '../support/error-text.js';

/** The end of an attempt that its handler asked for through the context. */
export type Verdict =
  { readonly kind: 'release'; readonly delay: number } | { readonly kind: 'fail'; readonly error: Error };

/** The worker's side of a {@link JobContext}: aborts the signal, and keeps the wishes of the handler. */
export class JobControl {
  /** The reason why the signal was aborted, if it was. Only {@link abort} sets it. */
  aborted: Error | undefined;
  /** The last wish of the handler, if it had one. */
  verdict: Verdict | undefined;
  private controller: AbortController | undefined;

  /** @param maxTries the answer of `context.maxTries`; it may change once the job was made and has been asked */
  constructor(public maxTries: number) {}

  /** Made at the first look: most handlers never look. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(this.aborted);
    }
    return this.controller.signal;
  }

  /** Aborts the signal. Only the first reason counts. */
  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = reason;
    this.controller?.abort(reason);
  }

  release(delay: number): void {
    this.verdict = { kind: 'release', delay };
  }

  fail(error: unknown): void {
    this.verdict = { kind: 'fail', error: toError(error) };
  }
}
