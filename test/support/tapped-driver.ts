import type {
  ConsumerOptions,
  QueueConsumer,
  QueueDriver,
  PollRequest,
  PollResult,
} from '../../lib/drivers/queue-driver.interface.js';

/** Intercepts a poll: a test can count it, delay it or make it fail. */
export type PollTap = (poll: TappedPoll) => Promise<PollResult>;

export interface TappedPoll {
  readonly queue: string;
  readonly request: PollRequest;
  /** Sends the poll to the driver. */
  send(): Promise<PollResult>;
}

/** Wraps a driver so that its consumers send their polls through `tap`. */
export function tapped(driver: QueueDriver, tap: PollTap): QueueDriver {
  const consume = (queue: string, options: ConsumerOptions): QueueConsumer => {
    const consumer = driver.consume(queue, options);
    return {
      queue,
      get id() {
        return consumer.id;
      },
      limits: consumer.limits,
      poll: (request) => tap({ queue, request, send: () => consumer.poll(request) }),
      note: (...args) => consumer.note(...args),
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
