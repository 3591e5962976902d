import { Redis } from 'ioredis';
import {
  QueueFactory,
  resolveOptions,
  type ClaimedJob,
  type NewJob,
  type QueueConsumer,
  type QueueDriver,
  type Settlement,
} from 'nestjs-job-queue';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import {
  compileScript,
  toCall,
  type ScriptDefinition,
  type ScriptInput,
} from '../../../lib/drivers/redis/scripts/script.js';
import { closeClient } from '../../support/close-client.js';
import type { BenchServer } from '../server/bench-server.js';
import { makePayload } from '../subject/payload.js';
import { BYTES } from './workload.js';

/** Seconds. Longer than any of this takes: no lease ends by itself. */
export const LEASE = 120;
const STATUS_TTL = 86_400;

/** The library's driver for the scripts to be called through, with the statuses of jobs kept, and what they are called with. */
export class ScriptStage {
  readonly queue = 'bench';
  readonly keys = new RedisKeys(false).of(this.queue);
  readonly everyKey = new RedisKeys(false);
  private lastId = 0;

  private constructor(
    readonly driver: QueueDriver,
    readonly client: Redis,
  ) {}

  static async open({ host, port }: BenchServer): Promise<ScriptStage> {
    const options = resolveOptions({ driver: 'redis', redis: { host, port }, statusTtl: STATUS_TTL }, {});
    const driver = new QueueFactory().createDriver(options);
    await driver.connect();
    return new ScriptStage(driver, new Redis({ host, port }));
  }

  async close(): Promise<void> {
    closeClient(this.client);
    await this.driver.close();
  }

  /** @param delay seconds */
  async push(count: number, delay = 0, unique = false): Promise<NewJob[]> {
    const jobs = Array.from({ length: count }, () => this.makeJob(delay));
    await this.driver.push(this.queue, jobs, unique);
    return jobs;
  }

  consume(): QueueConsumer {
    return this.driver.consume(this.queue, { lease: LEASE, onLost: () => undefined });
  }

  /** Makes others that each hold so many jobs, and returns their names. */
  async makeConsumers(count: number, jobs: number): Promise<string[]> {
    for (let i = 0; i < count; i++) {
      await this.push(jobs);
      const consumer = this.consume();
      await consumer.poll({ settlements: [], limit: jobs, recovered: false });
      // It holds jobs, so that it stays until its lease runs out.
      await consumer.close();
    }
    return this.client.zrange(this.keys.consumers, '0', '-1');
  }

  /** A script by itself, where the driver calls it at times of its own. */
  async load<Key extends string, Arg extends string>(
    script: ScriptDefinition<Key, Arg>,
    input: ScriptInput<Key, Arg>,
  ): Promise<() => Promise<unknown>> {
    const { source, sha } = compileScript(script);
    await this.client.script('LOAD', source);
    const [keyCount, ...values] = toCall(script, input);
    return async () => this.client.evalsha(sha, Number(keyCount), ...values);
  }

  private makeJob(delay: number): NewJob {
    const number = ++this.lastId;
    return { id: `job-${String(number).padStart(12, '0')}`, body: JSON.stringify(makePayload(BYTES, number)), delay };
  }
}

/** Ends claimed jobs, in one way or another. */
export function settle(
  jobs: readonly ClaimedJob[],
  how: { kind: 'complete' } | { kind: 'fail'; error: string } | { kind: 'retry'; error: string; delay: number },
): Settlement[] {
  return jobs.map(({ id, fence }) => ({ ...how, id, fence }));
}
