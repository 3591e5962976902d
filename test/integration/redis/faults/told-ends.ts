import type { FlowEnd, StorageObserver } from '../../../../lib/drivers/storage-observer.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';

/** Hears the ends of flows from all processes of a test. */
export class ToldEnds {
  private readonly all: (readonly [ref: string, end: FlowEnd])[] = [];

  /**
   * Lets each new driver tell its ends here. Two of four tell their pushes, too: so they push what is due in steps of their own, as in a cluster, and
   * leave that to no script of a flow.
   *
   * @param inSteps lets all of them do so
   */
  observing(connect: () => Promise<RedisDriver>, inSteps = false): () => Promise<RedisDriver> {
    let count = 0;
    return async () => {
      const driver = await connect();
      const observer: StorageObserver = {
        hearsPushes: inSteps || count++ % 4 >= 2,
        hearsEnds: true,
        pushed: () => undefined,
        ended: (ref, end) => void this.all.push([ref, end]),
      };
      driver.observe(observer);
      return driver;
    };
  }

  /** Checks that the last end of a flow was told: once, and once more at most for each process that died. */
  async expectTold(driver: RedisDriver, ref: string, deaths: number): Promise<void> {
    const { failedIds: _, ...stored } = (await driver.flows.read(ref))!;
    const told = this.all.filter(([other, { finishedAt }]) => other === ref && finishedAt === stored.finishedAt);
    if (told.length === 0) throw new Error(`The end of ${ref} was never told`);
    if (told.length > 1 + deaths) throw new Error(`The end of ${ref} was told ${told.length} times`);
    if (JSON.stringify(told.at(-1)![1]) !== JSON.stringify(inOrder(told.at(-1)![1], stored)))
      throw new Error(`The end of ${ref} was told as ${JSON.stringify(told.at(-1)![1])}`);
  }
}

/** Returns the same parts in the order of another object. */
function inOrder(like: object, parts: object): object {
  return Object.fromEntries(Object.keys(like).map((key) => [key, (parts as Record<string, unknown>)[key]]));
}
