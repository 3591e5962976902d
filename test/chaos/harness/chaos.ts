import { afterEach, expect, jest } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type Cluster } from 'ioredis';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
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
import { InsideWorker } from './inside-worker.js';
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
  /** Servers that the test started itself, in place of the one that would be started. */
  readonly storage?: ChaosStorage;
  /** Lua that sets `now` in the scripts of all processes, in place of the server's clock. */
  readonly scriptTime?: string;
}

export interface ChaosStorage {
  /** How the processes find it. */
  readonly redis: QueueRedisOptions;
  /** Looks into it. */
  readonly client: Redis | Cluster;
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
  /** How many supervised workers have died. */
  deaths = 0;

  private readonly inside: InsideWorker[] = [];
  private readonly starting = new Set<Promise<ChaosProcess>>();
  private readonly replacing: Promise<void>[] = [];
  private supervising = false;
  private readonly open: { stop(): Promise<unknown> }[] = [];
  private settings: ChaosSettings = {};
  private started = 0;
  private folder = '';
  private server: TestRedis | undefined;
  private ownClient: Redis | Cluster | undefined;
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
    this.deaths = 0;
    this.folder = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-chaos-'));
    const client = settings.storage?.client ?? (await this.startServer(settings));
    client.on('error', () => undefined);
    this.open.push({ stop: async () => closeClient(client) });
    this.ownClient = client;
    this.ownHistory = this.openHistory('test');
    this.ownProducer = await this.producerWith({});
  }

  get redis(): TestRedis {
    return this.server!;
  }

  /** Looks into the server, past all proxies. */
  get client(): Redis {
    return this.ownClient as Redis;
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
  producerAt({ host, port }: { host: string; port: number }, redis: QueueRedisOptions = {}): Promise<Producer> {
    return this.producerWith({ ...redis, host, port });
  }

  /** The same, with options beside those of all processes. */
  async producerWith(redis: QueueRedisOptions): Promise<Producer> {
    const producer = await Producer.start(this.history, this.options({ redis }), this.settings.scriptTime);
    this.open.push({ stop: () => producer.close() });
    return producer;
  }

  async worker({ worker, redis, nodeArgs }: WorkerWishes = {}): Promise<ChaosProcess> {
    const name = `worker-${++this.started}`;
    const { scriptTime } = this.settings;
    const queue = this.options({ worker, redis });
    const settings = { name, history: this.pathOf(name), queue, nodeArgs, scriptTime };
    const starting = ChaosProcess.start(settings, this.history);
    this.starting.add(starting);
    const started = await starting;
    this.processes.push(started);
    this.starting.delete(starting);
    return started;
  }

  /** So many workers, started together. */
  workers(count: number, wishes: WorkerWishes = {}): Promise<ChaosProcess[]> {
    return Promise.all(Array.from({ length: count }, () => this.worker(wishes)));
  }

  /** So many workers in the test's own process, for tests that need more of them than there can be processes. */
  async workersInside(count: number, wishes: Omit<WorkerWishes, 'nodeArgs'> = {}): Promise<void> {
    for (let i = 0; i < count; i++) {
      const history = this.openHistory(`worker-${++this.started}`);
      this.inside.push(this.keep(await InsideWorker.start(history, this.options(wishes))));
    }
  }

  /** So many workers, each of which is replaced when it dies, as by a supervisor. */
  async supervised(count: number, wishes: WorkerWishes = {}): Promise<void> {
    this.supervising = true;
    for (const worker of await this.workers(count, wishes)) this.supervise(worker, wishes);
  }

  /** Ends something with the test. */
  keep<T extends { stop(): Promise<unknown> }>(thing: T): T {
    this.open.push(thing);
    return thing;
  }

  /** Resolves when nothing waits and nothing is held. */
  async drained(queue = 'default', timeout = TEST_LIMIT): Promise<void> {
    const { jobs } = new RedisKeys(this.isCluster).of(queue);
    await eventually(async () => (await this.client.hlen(jobs)) === 0, { timeout, interval: 20 });
  }

  /** Resolves when so many jobs of the queue are in the hands of workers. */
  async held(count: number, queue = 'default'): Promise<void> {
    await eventually(async () => expect(await this.heldNow(queue)).toBe(count), { timeout: 30_000, interval: 5 });
  }

  /** How many jobs of the queue are in the hands of workers. */
  async heldNow(queue = 'default'): Promise<number> {
    let held = 0;
    for (const key of await this.client.keys(`queue:${queue}:claimed:*`)) held += await this.client.hlen(key);
    return held;
  }

  /** How many jobs a worker holds that was just paused: the one that does not renew its lease, while all others do. */
  async heldByPaused(queue = 'default'): Promise<number> {
    const workers = `queue:${queue}:consumers`;
    const before = new Map(pairs(await this.client.zrange(workers, '0', '-1', 'WITHSCORES')));
    const silent = await eventually(async () => {
      const now = pairs(await this.client.zrange(workers, '0', '-1', 'WITHSCORES'));
      const unchanged = now.filter(([consumer, score]) => before.get(consumer) === score);
      return unchanged.length === 1 && unchanged[0]![0];
    });
    return this.client.hlen(`queue:${queue}:claimed:${silent}`);
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

  /** What one process has told so far. */
  async historyOf({ name }: ChaosProcess): Promise<readonly ChaosEvent[]> {
    return (await this.histories())[name] ?? [];
  }

  /** How many jobs it has started so far. */
  starts(process: ChaosProcess): Promise<number> {
    return this.told(process, 'start');
  }

  /** How many jobs it ran at a time; now, where none is given. */
  async running(process: ChaosProcess, time = Infinity): Promise<number> {
    const events = (await this.historyOf(process)).filter(({ at }) => at < time);
    const count = (kind: string): number => events.filter(({ type }) => type === kind).length;
    return count('start') - count('end');
  }

  /** How often it has told something. */
  async told(process: ChaosProcess, type: ChaosEvent['type']): Promise<number> {
    return (await this.historyOf(process)).filter((event) => event.type === type).length;
  }

  /** Ends the workers that still run, and judges all that was told. */
  async verdict(expectations: Expectations = {}, queues: readonly string[] = ['default']): Promise<Verdict> {
    this.supervising = false;
    await Promise.all(this.starting);
    await Promise.all([...this.processes, ...this.inside].map((worker) => worker.drain()));
    await Promise.all(this.replacing);
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
    const { queue = {}, worker: common, storage } = this.settings;
    const own = storage?.redis ?? { host: this.redis.host, port: this.redis.port };
    return { driver: 'redis', ...queue, redis: { ...own, ...redis }, worker: { ...common, ...worker } };
  }

  private async startServer({ config }: ChaosSettings): Promise<Redis> {
    this.server = this.keep(await startRedis({ config }));
    return new Redis(this.server.url);
  }

  private get isCluster(): boolean {
    return this.ownClient!.isCluster;
  }

  private openHistory(name: string): History {
    const history = new History(this.pathOf(name));
    this.open.push({ stop: async () => history.close() });
    return history;
  }

  private pathOf(name: string): string {
    return join(this.folder, `${name}.jsonl`);
  }

  private supervise(worker: ChaosProcess, wishes: WorkerWishes): void {
    const replace = async (): Promise<void> => {
      await worker.exited;
      if (!this.supervising) return;
      this.deaths++;
      worker.lose('died');
      this.supervise(await this.worker(wishes), wishes);
    };
    this.replacing.push(replace());
  }

  private async end(): Promise<void> {
    this.supervising = false;
    this.replacing.length = 0;
    this.inside.length = 0;
    await Promise.all(this.processes.splice(0).map((process) => process.stop()));
    for (const thing of this.open.splice(0).toReversed()) await thing.stop();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}

function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]!] as [string, string]] : []));
}
