import { expect } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import type { QueueRedisOptions } from '../../../../lib/queue.options.js';
import { within } from '../../../support/deadline.js';
import type { RedisDrivers } from '../../../support/redis-drivers.js';
import type { ConsumerOrders } from './blocked-consumer.js';

const PROGRAM = fileURLToPath(new URL('blocked-consumer.ts', import.meta.url));
const LOADER = new URL('../../../support/typescript.mjs', import.meta.url).href;

export interface ConsumerMessage {
  readonly word: string;
  readonly ids?: string[];
  readonly lost?: boolean;
  readonly refused?: string[];
}

/** A process that holds a job of each queue (see `blocked-consumer.ts`), and another worker that would take them over. */
export class ConsumerProcess {
  readonly ended: Promise<unknown>;
  private readonly messages: ConsumerMessage[] = [];
  private onMessage = (): void => undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly orders: ConsumerOrders,
    private readonly watcher: RedisDriver,
  ) {
    this.ended = once(child, 'exit');
    createInterface(child.stdout!).on('line', (line) => {
      this.messages.push(JSON.parse(line) as ConsumerMessage);
      this.onMessage();
    });
  }

  /** Pushes a job to each queue, and starts a process that claims them. It ends with the test, at the latest. */
  static async start(
    drivers: RedisDrivers,
    redis: QueueRedisOptions,
    given: Partial<ConsumerOrders> = {},
  ): Promise<ConsumerProcess> {
    const orders: ConsumerOrders = { redis, queues: ['mail'], lease: 2, block: 3.5, ...given };
    const watcher = await drivers.connect({ redis, prefix: orders.prefix });
    for (const queue of orders.queues) await watcher.push(queue, [{ id: `of-${queue}`, body: '', delay: 0 }], false);
    const argv = ['--import', LOADER, PROGRAM, JSON.stringify(orders)];
    const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    drivers.keep({ stop: async () => void child.kill('SIGKILL') });
    const consumer = new ConsumerProcess(child, orders, watcher);
    expect((await consumer.hear('claimed')).ids).toEqual(orders.queues.map((queue) => `of-${queue}`));
    return consumer;
  }

  /** Makes it block its event loop. */
  block(): void {
    this.child.stdin!.write('block\n');
  }

  async hear(word: string): Promise<ConsumerMessage> {
    const heard = new Promise<ConsumerMessage>((resolve) => {
      this.onMessage = () => {
        const message = this.messages.find((each) => each.word === word);
        if (message) resolve(message);
      };
      this.onMessage();
    });
    return within(heard, 40_000, `"${word}" of the process`);
  }

  /** What the other worker gets of the queues until the process is heard again, and what that says. */
  async watch(): Promise<{ taken: string[]; settled: ConsumerMessage }> {
    const others = this.orders.queues.map((queue) =>
      this.watcher.consume(queue, { lease: 1, onLost: () => undefined }),
    );
    const pause = this.watcher.listen(['nothing']);
    const taken: string[] = [];
    const hearing = this.hear('settled');
    for (;;) {
      for (const other of others) {
        const { jobs } = await other.poll({ settlements: [], limit: 1, recovered: true });
        taken.push(...jobs.map((job) => job.id));
      }
      const settled = await Promise.race([hearing, pause.wait(50)]);
      if (settled !== null && typeof settled === 'object') return { taken, settled };
    }
  }

  /** Blocks it, and expects it to keep its jobs, and to end by itself: neither the thread nor anything else holds it. */
  async expectToKeepItsJobs(): Promise<void> {
    this.block();
    const { taken, settled } = await this.watch();
    expect({ taken, ...settled }).toEqual({ word: 'settled', taken: [], lost: false, refused: [] });
    await this.hear('closed');
    await within(this.ended, 2_000, 'the end of the process');
  }
}
