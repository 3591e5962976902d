import { Redis } from 'ioredis';
import { closeClient } from '../../support/close-client.js';
import { startRedis } from '../../support/redis-server.js';
import { parseCommandStats, parseInfo, type CommandStats } from './info.js';

/** The private server that everything is measured on, with a look inside. */
export class BenchServer {
  private constructor(
    readonly host: string,
    readonly port: number,
    private readonly client: Redis,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(): Promise<BenchServer> {
    const server = await startRedis();
    return new BenchServer(server.host, server.port, new Redis(server.url), () => server.stop());
  }

  async version(): Promise<string> {
    const info = parseInfo(await this.client.info('server'));
    return info['valkey_version'] ? `Valkey ${info['valkey_version']}` : `Redis ${info['redis_version']}`;
  }

  async empty(): Promise<void> {
    await this.client.flushall('SYNC');
  }

  /** What the data takes, in bytes: without the buffers of clients, which come and go. */
  async dataBytes(): Promise<number> {
    const info = parseInfo(await this.client.info('memory'));
    return Number(info['used_memory']) - Number(info['mem_clients_normal']);
  }

  /** The processor time of the server since it started, in microseconds. */
  async processorTime(): Promise<number> {
    const info = parseInfo(await this.client.info('cpu'));
    return (Number(info['used_cpu_user']) + Number(info['used_cpu_sys'])) * 1e6;
  }

  async resetCommandStats(): Promise<void> {
    await this.client.config('RESETSTAT');
  }

  async commandStats(): Promise<CommandStats> {
    return parseCommandStats(await this.client.info('commandstats'));
  }

  async stop(): Promise<void> {
    closeClient(this.client);
    // The server does not keep this process alive; waiting for its end has to.
    const alive = setInterval(() => undefined, 1_000);
    await this.end().finally(() => clearInterval(alive));
  }
}
