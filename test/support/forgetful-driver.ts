import type { QueueDriver } from '../../lib/drivers/queue-driver.interface.js';

/** Makes the listeners of a driver such that a wake-up may be lost, as that of a shared storage. */
export function forgetful(driver: QueueDriver): QueueDriver {
  return Object.create(driver, {
    listen: {
      value: (queues: readonly string[]) =>
        Object.create(driver.listen(queues), { isReliable: { value: false } }) as unknown,
    },
  }) as QueueDriver;
}
