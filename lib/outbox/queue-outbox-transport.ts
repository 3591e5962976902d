import { Inject, Injectable } from '@nestjs/common';
import { QueueManager } from '../dispatch/queue.manager.js';
import type { PushOptions } from '../job/job-options.js';

/** A message of an outbox, as `@nestjs/outbox` gives it to its transports. The package is not imported. */
export interface OutboxMessage {
  /** The id of the job: a message that is published again adds nothing. */
  readonly id: string;
  /** The name of the job. */
  readonly topic: string;
  /** The data of the job. */
  readonly payload: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
}

/**
 * Publishes the messages of a transactional outbox as jobs. It has the form of a transport of `@nestjs/outbox`:
 *
 * - the topic is the name of the job, the payload its data, and the id its id;
 * - the headers that are texts are its metadata.
 *
 * A relay delivers at least once. The id makes the same message one job, as long as the job lives or anything of it is kept.
 */
@Injectable()
export class QueueOutboxTransport {
  constructor(@Inject(QueueManager) private readonly queue: QueueManager) {}

  /**
   * Pushes the job of a message.
   *
   * @throws UnknownJobError if this process knows nothing of the topic, and {@link optionsOf} gives no queue
   * @throws as `QueueManager.push` does: then the relay repeats the message
   */
  async publish(message: OutboxMessage, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    const { id, topic, payload } = message;
    await this.queue.push(topic, payload, { ...this.optionsOf(message), id, afterCommit: false });
  }

  /** Returns the options of a push. A subclass may give others: a queue by topic. */
  protected optionsOf({ headers }: OutboxMessage): PushOptions {
    const texts = Object.entries(headers ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return texts.length > 0 ? { metadata: Object.fromEntries(texts) } : {};
  }
}
