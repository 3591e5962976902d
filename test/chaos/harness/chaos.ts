import { afterEach, expect, jest } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { QueueModuleOptions, QueueRedisOptions } from '../../../lib/index.js';
import { closeClient } from '../../support/close-client.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import type { Expectations } from '../checks/expectations.js';
import type { Histories } from '../checks/story.js';
import { judge, type Verdict } from '../checks/verdict.js';
import { History, type ChaosEvent } from '../process/history.js';
import { ChaosProcess } from './chaos-process.js';
import { Producer } from './producer.js';
import { readRawState, type RawState } from './raw-state.js';
import { record, type Row } from './record.js';
import { TEST_LIMIT } from './size.js';

export interface ChaosSettings {
  /** Arguments of the server. */
  readonly config?: readonly string[];
  /** Options of the queue, in all processes. */
  readonly queue?: Omit<QueueModuleOptions, 'worker' | 'redis'>;
  /** Options of all workers. */
  readonly worker?: WorkerOptions;
}

type WorkerOptions = Exclude<QueueModuleOptions['worker'], false>;

export interface WorkerWishes {
  /** Beside those of all workers. */
  readonly worker?: WorkerOptions;
  /** In place of the server: a proxy, say. */
  readonly redis?: QueueRedisOptions;
  readonly nodeArgs?: readonly string[];
}

/**
 * A test of what survives: a server of its own, processes that work, a producer, and the histories of them all. What it
 * opened ends with the test.
 */
export class Chaos {
  readonly processes: ChaosProcess[] = [];
  private readonly open: { stop(): Promise<unknown> }[] = [];
  private settings: ChaosSettings = {};
  private started = 0;
  private folder = '';
  private server: TestRedis | undefined;
  private ownClient: Redis | undefined;
  private ownHistory: History | undefined;
  private ownProducer: Producer | undefined;

  constructor() {
    jest.setTimeout(TEST_LIMIT);
    afterEach(() => this.end());
  }

  /** Starts the server and the producer. */
  async begin(settings: ChaosSettings = {}): Promise<void> {
    this.settings = settings;
    this.started = 0;
    this.folder = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-chaos-'));
    this.server = this.keep(await startRedis({ config: settings.config }));
    const client = new Redis(this.server.url);
    client.on('error', () => undefined);
    this.open.push({ stop: async () => closeClient(client) });
    this.ownClient = client;
    this.ownHistory = this.openHistory('test');
    this.ownProducer = await this.producerAt(this.server);
  }

  get redis(): TestRedis {
    return this.server!;
  }

  /** Looks into the server, past all proxies. */
  get client(): Redis {
    return this.ownClient!;
  }

  /** What the test did. */
  get history(): History {
    return this.ownHistory!;
  }

  get producer(): Producer {
    return this.ownProducer!;
  }

  /** A network to the server that can be made bad. */
  async proxy(): Promise<TcpProxy> {
    return this.keep(await TcpProxy.start(this.redis));
  }

  /** One more producer, that may be behind a proxy. Its pushes go into the same history. */
  async producerAt({ host, port }: { host: string; port: number }, redis: QueueRedisOptions = {}): Promise<Producer> {
    const producer = await Producer.start(this.history, this.options({ redis: { ...redis, host, port } }));
    this.open.push({ stop: () => producer.close() });
    return producer;
  }

  async worker({ worker, redis, nodeArgs }: WorkerWishes = {}): Promise<ChaosProcess> {
    const name = `worker-${++this.started}`;
    const settings = { name, history: this.pathOf(name), queue: this.options({ worker, redis }), nodeArgs };
    const started = await ChaosProcess.start(settings, this.history);
    this.processes.push(started);
    return started;
  }

  /** So many workers, started together. */
  workers(count: number, wishes: WorkerWishes = {}): Promise<ChaosProcess[]> {
    return Promise.all(Array.from({ length: count }, () => this.worker(wishes)));
  }

  /** Ends something with the test. */
  keep<T extends { stop(): Promise<unknown> }>(thing: T): T {
    this.open.push(thing);
    return thing;
  }

  /** Resolves when nothing waits and nothing is held. */
  async drained(queue = 'default', timeout = TEST_LIMIT): Promise<void> {
    await eventually(async () => (await this.client.hlen(`queue:${queue}:jobs`)) === 0, { timeout, interval: 20 });
  }

  /** Resolves when so many jobs of the queue are in the hands of workers. */
  async held(count: number, queue = 'default'): Promise<void> {
    await eventually(async () => Object.values((await this.raw(queue)).claimed).flat().length === count);
  }

  /** What is in Redis now. */
  raw(queue = 'default'): Promise<RawState> {
    return readRawState(this.client, queue);
  }

  /** What the processes have told so far. */
  async histories(): Promise<Histories> {
    const histories: Record<string, ChaosEvent[]> = {};
    for (const file of await readdir(this.folder)) {
      // The last line of who was killed may be cut short.
      const lines = (await readFile(join(this.folder, file), 'utf8')).split('\n').slice(0, -1);
      histories[file.replace('.jsonl', '')] = lines.map((line) => JSON.parse(line) as ChaosEvent);
    }
    return histories;
  }

  /** Ends the workers that still run, and judges all that was told. */
  async verdict(expectations: Expectations = {}, queues: readonly string[] = ['default']): Promise<Verdict> {
    await Promise.all(this.processes.map((process) => process.drain()));
    const raws = await Promise.all(queues.map((queue) => this.raw(queue)));
    return judge(await this.histories(), raws, expectations);
  }

  /** As {@link verdict}; nothing may be wrong. Adds the row of the fault to the table. */
  async expectAllWell(
    row: Pick<Row, 'fault' | 'recovery' | 'also'>,
    expectations: Expectations = {},
    queues?: readonly string[],
  ): Promise<Verdict> {
    const verdict = await this.verdict(expectations, queues);
    expect(verdict.wrong.slice(0, 20)).toEqual([]);
    record({ ...row, ...verdict.figures });
    return verdict;
  }

  private options({ worker, redis }: Pick<WorkerWishes, 'worker' | 'redis'>): QueueModuleOptions {
    const { host, port } = this.redis;
    const { queue = {}, worker: common } = this.settings;
    return { driver: 'redis', ...queue, redis: { host, port, ...redis }, worker: { ...common, ...worker } };
  }

  private openHistory(name: string): History {
    const history = new History(this.pathOf(name));
    this.open.push({ stop: async () => history.close() });
    return history;
  }

  private pathOf(name: string): string {
    return join(this.folder, `${name}.jsonl`);
  }

  private async end(): Promise<void> {
    await Promise.all(this.processes.splice(0).map((process) => process.stop()));
    for (const thing of this.open.splice(0).toReversed()) await thing.stop();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}
