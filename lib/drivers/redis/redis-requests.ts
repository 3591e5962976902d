import { QueueClosedError, type QueueError } from '../../queue.errors.js';
import type { Clock } from '../../support/clock.js';
import { withTimeLimit } from '../../support/time-limit.js';
import type { RedisConnection } from './redis-connection.js';
import { translateError } from './redis-errors.js';

/** The pause before a request is tried again that the server could not serve at the moment, in milliseconds. */
const RETRY_PAUSE = 100;

/** A request that was not answered well. */
export class RequestFailure extends Error {
  constructor(
    /** The error to tell, where nothing was done. */
    readonly error: QueueError,
    /** Whether the server may have carried the request out all the same. */
    readonly uncertain: boolean,
  ) {
    super(error.message);
  }
}

/** Requests with a deadline: somebody waits for the answer, and has to be told in time when there will be none. */
export class RedisRequests {
  constructor(
    private readonly connection: RedisConnection,
    private readonly clock: Clock,
    /** Milliseconds. */
    private readonly deadline: number,
  ) {}

  /**
   * Sends a request, again where the server asks for that, until the deadline. It may arrive more than once.
   *
   * @param deadline milliseconds
   * @throws RequestFailure
   */
  async send<T>(request: () => Promise<T>, queue?: string, deadline = this.deadline): Promise<T> {
    const end = this.clock.now() + deadline;
    const where = { server: this.connection.server, queue };
    let uncertain = false;
    let last: QueueError | undefined;
    for (;;) {
      if (last && this.clock.now() >= end) throw new RequestFailure(last, uncertain);
      if (this.connection.isClosed || !this.connection.isReady) await this.awaitReady(end, uncertain);
      const { losses } = this.connection;
      try {
        return await this.limit(request(), end);
      } catch (raw) {
        if (raw instanceof RequestFailure) throw raw;
        // It was closed with the request on its way.
        if (raw instanceof QueueClosedError) throw new RequestFailure(raw, true);
        const failure = translateError(raw, where);
        // What is refused may have been sent, and carried out, before on a connection that was lost.
        uncertain ||= !failure.refused || this.connection.losses !== losses;
        if (!failure.transient) throw new RequestFailure(failure.error, uncertain);
        last = failure.error;
      }
      await this.pause(Math.min(RETRY_PAUSE, end - this.clock.now()));
    }
  }

  /** As {@link send}, for questions: whether they were carried out does not matter. */
  async ask<T>(request: () => Promise<T>, queue?: string): Promise<T> {
    try {
      return await this.send(request, queue);
    } catch (failure) {
      throw failure instanceof RequestFailure ? failure.error : failure;
    }
  }

  private async awaitReady(end: number, uncertain: boolean): Promise<void> {
    try {
      await this.connection.whenReady(Math.max(end - this.clock.now(), 0));
    } catch (error) {
      throw new RequestFailure(error as QueueError, uncertain);
    }
  }

  private limit<T>(answer: Promise<T>, end: number): Promise<T> {
    return withTimeLimit(answer, this.clock, end - this.clock.now(), () => {
      const { error } = translateError(new Error('no answer in time'), { server: this.connection.server });
      return new RequestFailure(error, true);
    });
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => void this.clock.after(milliseconds, resolve));
  }
}
