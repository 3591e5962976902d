import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { closeClient } from '../../support/close-client.js';
import { startRedis } from '../../support/redis-server.js';
import { parseCommandStats, parseInfo, timeInCommands, type CommandStats } from './info.js';
import { isOfQueue, parseSlowlog, type SlowCommand } from './slowlog.js';

/** The most commands that the slow log keeps. */
const SLOWLOG_LENGTH = 100_000;

/** The private server of the benchmark, with access to its statistics. */
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

  /** Returns the memory of the data, in bytes, without the buffers of clients, which vary. */
  async dataBytes(): Promise<number> {
    const info = parseInfo(await this.client.info('memory'));
    return Number(info['used_memory']) - Number(info['mem_clients_normal']);
  }

  /** Returns the processor time of the server since its start, in microseconds. */
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

  /** Counts the commands of clients for some seconds, and the microseconds that the server spends on them. */
  async watch(seconds: number): Promise<{ commands: number; microseconds: number }> {
    const monitor = await this.client.monitor();
    let commands = 0;
    // Commands of a script are not sent by a client.
    const onCommand = (_time: string, args: string[], source: string): void => {
      if (source !== 'lua' && isOfQueue({ args })) commands++;
    };
    try {
      await this.resetCommandStats();
      monitor.on('monitor', onCommand);
      await pause(seconds * 1000);
      monitor.off('monitor', onCommand);
      return { commands, microseconds: timeInCommands(await this.commandStats()) };
    } finally {
      closeClient(monitor);
    }
  }

  /** Starts to log commands that take at least this long, in microseconds. */
  async startSlowlog(threshold: number): Promise<void> {
    await this.client.config('SET', 'slowlog-max-len', SLOWLOG_LENGTH);
    await this.client.config('SET', 'slowlog-log-slower-than', threshold);
    await this.client.slowlog('RESET');
  }

  /** Returns the commands that were logged since {@link startSlowlog}. */
  async slowlog(): Promise<SlowCommand[]> {
    return parseSlowlog(await this.client.slowlog('GET', -1));
  }

  async stop(): Promise<void> {
    closeClient(this.client);
    // The server does not keep this process alive, so a timer has to until the server has ended.
    const alive = setInterval(() => undefined, 1_000);
    await this.end().finally(() => clearInterval(alive));
  }
}
