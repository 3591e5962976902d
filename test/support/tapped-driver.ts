import type {
  ConsumerOptions,
  QueueConsumer,
  QueueDriver,
  StepRequest,
  StepResult,
} from '../../lib/drivers/queue-driver.interface.js';

/** Stands between a worker and one step: counts it, holds it up, lets it fail. */
export type StepTap = (step: TappedStep) => Promise<StepResult>;

export interface TappedStep {
  readonly queue: string;
  readonly request: StepRequest;
  /** Lets the step happen. */
  send(): Promise<StepResult>;
}

/** A driver whose consumers send their steps through a tap. */
export function tapped(driver: QueueDriver, tap: StepTap): QueueDriver {
  const consume = (queue: string, options: ConsumerOptions): QueueConsumer => {
    const consumer = driver.consume(queue, options);
    return {
      queue,
      step: (request) => tap({ queue, request, send: () => consumer.step(request) }),
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
