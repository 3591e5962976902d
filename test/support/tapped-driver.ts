import type {
  ConsumerOptions,
  QueueConsumer,
  QueueDriver,
  PollRequest,
  PollResult,
} from '../../lib/drivers/queue-driver.interface.js';

/** Stands between a worker and one poll: counts it, holds it up, lets it fail. */
export type PollTap = (poll: TappedPoll) => Promise<PollResult>;

export interface TappedPoll {
  readonly queue: string;
  readonly request: PollRequest;
  /** Lets the poll happen. */
  send(): Promise<PollResult>;
}

/** A driver whose consumers send their polls through a tap. */
export function tapped(driver: QueueDriver, tap: PollTap): QueueDriver {
  const consume = (queue: string, options: ConsumerOptions): QueueConsumer => {
    const consumer = driver.consume(queue, options);
    return {
      queue,
      limits: consumer.limits,
      poll: (request) => tap({ queue, request, send: () => consumer.poll(request) }),
      close: () => consumer.close(),
    };
  };
  return new Proxy(driver, {
    get(target, key): unknown {
      if (key === 'consume') return consume;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
