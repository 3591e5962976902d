import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { TestConsumer } from '../../../contract/scene.js';
import { ScriptFaults, type Fault, type ScriptChange } from '../../../support/faulty-driver.js';
import type { RedisTime } from '../../../support/redis-time.js';

const LEASE = 30;

/** A death of a process: so many scripts after the last one, before or after that script takes effect. */
export type Death = readonly [after: number, fault: Fault];

/** A process: a driver with consumers of its own. */
class Process {
  readonly consumers: Map<string, TestConsumer>;
  readonly faults: ScriptFaults;

  constructor(
    readonly driver: RedisDriver,
    queues: readonly string[],
    decide: (script: string) => Fault,
    change: ScriptChange | undefined,
  ) {
    this.faults = new ScriptFaults(driver, decide, change);
    const open = (queue: string) => new TestConsumer(driver.consume(queue, { lease: LEASE, onLost: () => undefined }));
    this.consumers = new Map(queues.map((queue) => [queue, open(queue)]));
  }
}

export interface FaultyWorld {
  /** Makes a driver whose scripts read {@link time}. */
  readonly connect: () => Promise<RedisDriver>;
  readonly time: RedisTime;
  /** A deliberate fault in a script. */
  readonly change?: ScriptChange;
  /** Seconds that have passed on the clock of the server, and on no other clock, in all. */
  passed: number;
}

/** Processes of which one lives at a time. They die between two scripts, and their scripts arrive twice. */
export class FaultyProcesses {
  private current!: Process;
  private sent = 0;
  private readonly left: Death[];

  /** @param steps the scripts that may die or arrive twice; a poll arrives once */
  constructor(
    private readonly world: FaultyWorld,
    private readonly queues: readonly string[],
    private readonly steps: ReadonlySet<string>,
    deaths: readonly Death[],
  ) {
    this.left = [...deaths];
  }

  get driver(): RedisDriver {
    return this.current.driver;
  }

  async begin(): Promise<void> {
    this.current = new Process(await this.world.connect(), this.queues, this.decide, this.world.change);
  }

  /** Does something in a process. If that dies, the next one begins when the leases of the last one have run out. */
  async tryTo<T>(act: (process: Process) => Promise<T>): Promise<T | 'died'> {
    const acting = act(this.current);
    // Those of a dead process reject at the end of the test.
    acting.catch(() => undefined);
    const result = await Promise.race([acting, this.current.faults.death]);
    if (result !== 'died') return result;
    await this.begin();
    for (let part = 0; part < 5; part++) {
      const polls = this.tryTo(async ({ consumers }) => {
        for (const consumer of consumers.values()) await consumer.poll();
      });
      if ((await polls) === 'died') break;
      await this.pass(LEASE / 3);
    }
    return 'died';
  }

  /** Lets time pass on the clock of the server alone. */
  async pass(seconds: number): Promise<void> {
    this.world.passed += seconds;
    await this.world.time.outage(this.world.passed);
  }

  private readonly decide = (script: string): Fault => {
    if (!this.steps.has(script)) return 'none';
    if (this.left.length > 0 && this.sent++ === this.left[0]![0]) {
      this.sent = 0;
      return this.left.shift()![1];
    }
    return script === 'poll' ? 'none' : 'twice';
  };
}
