import { setTimeout as pause } from 'node:timers/promises';
import { QueueError } from '../../../lib/index.js';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import type { Chaos } from './chaos.js';
import type { ChaosProcess } from './chaos-process.js';

/** Milliseconds. */
const PAUSE = 50;
const LOST_REPLIES = 20;

/** Does something as often as it takes: if it arrives twice, it changes nothing. */
export async function insist<T>(send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      await pause(PAUSE);
    }
  }
}

/** Two workers, of which one after the other is killed. Some of them have their replies lost before, and every second time the server is killed too. */
export class KilledWorkers {
  private kills = 0;

  private constructor(
    private readonly chaos: Chaos,
    private readonly proxy: TcpProxy,
    private readonly processes: ChaosProcess[],
  ) {}

  static async start(chaos: Chaos): Promise<KilledWorkers> {
    const proxy = await chaos.proxy();
    const redis = { host: proxy.host, port: proxy.port };
    return new KilledWorkers(chaos, proxy, [await chaos.worker(), await chaos.worker({ redis })]);
  }

  async killOne(): Promise<void> {
    const { chaos, proxy, processes } = this;
    proxy.dropReplies();
    await pause(LOST_REPLIES);
    proxy.cut();
    await proxy.pass();
    await processes.shift()!.kill();
    const isSecond = ++this.kills % 2 === 0;
    if (isSecond) {
      chaos.redis.kill('SIGKILL');
      await chaos.redis.restart();
    }
    processes.push(await chaos.worker(isSecond ? { redis: { host: proxy.host, port: proxy.port } } : {}));
  }
}
