import type { FlowEnd, StorageObserver } from '../../../../lib/drivers/storage-observer.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';

/** Hears the ends of flows from all processes of a test. */
export class ToldEnds implements StorageObserver {
  readonly hearsPushes = false;
  readonly hearsEnds = true;
  private readonly all: (readonly [ref: string, end: FlowEnd])[] = [];

  pushed(): void {
    // It hears only of ends.
  }

  ended(ref: string, end: FlowEnd): undefined {
    this.all.push([ref, end]);
  }

  /** Lets each new driver tell its ends here. */
  observing(connect: () => Promise<RedisDriver>): () => Promise<RedisDriver> {
    return async () => {
      const driver = await connect();
      driver.observe(this);
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
