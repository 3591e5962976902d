import { afterEach, expect, jest } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type Cluster } from 'ioredis';
import type { QueueModuleOptions, QueueRedisOptions } from '../../../lib/index.js';
import { closeClient } from '../../support/close-client.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import type { Expectations } from '../checks/expectations.js';
import type { Histories } from '../checks/timeline.js';
import { checkAll, type CheckResult } from '../checks/check-all.js';
import { History, type ChaosEvent } from '../process/history.js';
import { ChaosProcess } from './chaos-process.js';
import { InProcessWorker } from './in-process-worker.js';
import { Operator } from './operator.js';
import { Producer } from './producer.js';
import { readRawState, type RawState } from './raw-state.js';
import { record, type Row } from './record.js';
import { TEST_LIMIT } from './size.js';
import { countLiveJobs } from '../../support/live-jobs.js';

export interface ChaosSettings {
  /** The arguments of the server. */
  readonly config?: readonly string[];
  /** The options of the queue in all processes. */
  readonly queue?: Omit<QueueModuleOptions, 'worker' | 'redis'>;
  /** The options of all workers. */
  readonly worker?: WorkerOptions;
  /** Servers that the test has started itself. Default: one server that {@link Chaos.begin} starts. */
  readonly storage?: ChaosStorage;
  /** Lua that sets `now` in the scripts of all processes, in place of the clock of the server. */
  readonly scriptTime?: string;
}

export interface ChaosStorage {
  /** The option `redis` of all processes. */
  readonly redis: QueueRedisOptions;
  /** Reads the keys of the storage. */
  readonly client: Redis | Cluster;
}

type WorkerOptions = Exclude<QueueModuleOptions['worker'], false>;

export interface StartOptions {
  /** Options of this worker, beside those of all workers. */
  readonly worker?: WorkerOptions;
  /** The address of a proxy, for example, in place of the server. */
  readonly redis?: QueueRedisOptions;
  readonly nodeArgs?: readonly string[];
  /** How far the clock of the process is ahead, in milliseconds; only of a process of its own. */
  readonly clockAhead?: number;
}

/**
 * Runs a chaos test. It has a private server, worker processes, a producer, and the histories of all of them, and closes
 * everything after each test.
 */
export class Chaos {
  readonly processes: ChaosProcess[] = [];
  /** The number of supervised workers that have died. */
  deaths = 0;

  private readonly inside: InProcessWorker[] = [];
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

  /** Reads the keys of the server directly, without a proxy. */
  get client(): Redis {
    return this.ownClient as Redis;
  }

  /** The events that the test records itself. */
  get history(): History {
    return this.ownHistory!;
  }

  get producer(): Producer {
    return this.ownProducer!;
  }

  /** Starts a proxy in front of the server, to simulate a bad network. */
  async proxy(): Promise<TcpProxy> {
    return this.keep(await TcpProxy.start(this.redis));
  }

  /** Starts another producer at this address, for example behind a proxy. Its pushes go into the same history. */
  producerAt({ host, port }: { host: string; port: number }, redis: QueueRedisOptions = {}): Promise<Producer> {
    return this.producerWith({ ...redis, host, port });
  }

  /** Starts another producer with options beside those of all processes. */
  async producerWith(redis: QueueRedisOptions): Promise<Producer> {
    const producer = await Producer.start(this.history, this.options({ redis }), this.settings.scriptTime);
    this.open.push({ stop: () => producer.close() });
    return producer;
  }

  /** Starts an operator with an application of its own. */
  async operator(redis: QueueRedisOptions = {}): Promise<Operator> {
    return new Operator(await this.producerWith(redis), this.history);
  }

  worker(options: StartOptions = {}): Promise<ChaosProcess> {
    return this.begun(options, ChaosProcess.start);
  }

  private async begun(
    { worker, redis, nodeArgs, clockAhead }: StartOptions,
    begin: typeof ChaosProcess.start,
  ): Promise<ChaosProcess> {
    const name = `worker-${++this.started}`;
    const { scriptTime } = this.settings;
    const queue = this.options({ worker, redis });
    const settings = { name, history: this.pathOf(name), queue, nodeArgs, scriptTime, clockAhead };
    const starting = begin(settings, this.history);
    this.starting.add(starting);
    const started = await starting;
    this.processes.push(started);
    this.starting.delete(starting);
    return started;
  }

  /** Starts several worker processes at the same time. */
  workers(count: number, options: StartOptions = {}): Promise<ChaosProcess[]> {
    return Promise.all(Array.from({ length: count }, () => this.worker(options)));
  }

  /** Starts several workers in the process of the test: they start faster, and there can be more of them. */
  async workersInProcess(count: number, options: Omit<StartOptions, 'nodeArgs'> = {}): Promise<void> {
    for (let i = 0; i < count; i++) {
      const history = this.openHistory(`worker-${++this.started}`);
      this.inside.push(this.keep(await InProcessWorker.start(history, this.options(options))));
    }
  }

  /** Starts several worker processes and replaces each one that dies, as a supervisor does. */
  async supervised(count: number, options: StartOptions = {}): Promise<void> {
    this.supervising = true;
    for (const worker of await this.workers(count, options)) this.supervise(worker, options);
  }

  /** Stops a server, a proxy or another part after the test. */
  keep<T extends { stop(): Promise<unknown> }>(thing: T): T {
    this.open.push(thing);
    return thing;
  }

  /** Resolves when the queue has no job left. */
  async drained(queue = 'default', timeout = TEST_LIMIT): Promise<void> {
    await eventually(async () => (await countLiveJobs(this.client, queue)) === 0, { timeout, interval: 20 });
  }

  /** Resolves when workers hold exactly this number of jobs of the queue. */
  async held(count: number, queue = 'default'): Promise<void> {
    await eventually(async () => expect(await this.heldNow(queue)).toBe(count), { timeout: 30_000, interval: 5 });
  }

  /** Counts the jobs of the queue that workers hold, all of them at one moment. */
  async heldNow(queue = 'default'): Promise<number> {
    const reading = this.client.multi();
    for (const key of await this.client.keys(`queue:${queue}:claimed:*`)) reading.hlen(key);
    const counts = (await reading.exec()) ?? [];
    return counts.reduce((sum, [, held]) => sum + Number(held), 0);
  }

  /** Counts the jobs of a paused worker: its consumer is the only one that does not prolong its lease. */
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

  /** Reads all keys of the queue. */
  raw(queue = 'default'): Promise<RawState> {
    return readRawState(this.client, queue);
  }

  /** Reads the events of all processes so far. */
  async histories(): Promise<Histories> {
    const histories: Record<string, ChaosEvent[]> = {};
    for (const file of await readdir(this.folder)) {
      // The last line of a killed process may be cut.
      const lines = (await readFile(join(this.folder, file), 'utf8')).split('\n').slice(0, -1);
      histories[file.replace('.jsonl', '')] = lines.map((line) => JSON.parse(line) as ChaosEvent);
    }
    return histories;
  }

  /** Reads the events of one process so far. */
  async historyOf({ name }: ChaosProcess): Promise<readonly ChaosEvent[]> {
    return (await this.histories())[name] ?? [];
  }

  /** Counts the jobs that a process has started so far. */
  starts(process: ChaosProcess): Promise<number> {
    return this.countEvents(process, 'start');
  }

  /** Counts the running jobs of a process at a time. Default: now. */
  async running(process: ChaosProcess, time = Infinity): Promise<number> {
    const events = (await this.historyOf(process)).filter(({ at }) => at < time);
    const count = (kind: string): number => events.filter(({ type }) => type === kind).length;
    return count('start') - count('end');
  }

  /** Counts the events of one type in the history of a process. */
  async countEvents(process: ChaosProcess, type: ChaosEvent['type']): Promise<number> {
    return (await this.historyOf(process)).filter((event) => event.type === type).length;
  }

  /** Drains the workers that still run, and checks all histories and the keys of these queues. */
  async check(expectations: Expectations = {}, queues: readonly string[] = ['default']): Promise<CheckResult> {
    this.supervising = false;
    await Promise.all(this.starting);
    await Promise.all([...this.processes, ...this.inside].map((worker) => worker.drain()));
    await Promise.all(this.replacing);
    const raws = await Promise.all(queues.map((queue) => this.raw(queue)));
    return checkAll(await this.histories(), raws, expectations);
  }

  /** Expects {@link check} to find no violation, and adds the row of the fault to the table. */
  async expectAllWell(
    row: Pick<Row, 'fault' | 'recovery' | 'also'>,
    expectations: Expectations = {},
    queues?: readonly string[],
  ): Promise<CheckResult> {
    const result = await this.check(expectations, queues);
    const names = result.wrong.join();
    const logs = this.processes
      .filter(({ name }) => names.includes(name))
      .map(({ name, errors }) => `${name}: ${errors.slice(-3_000)}`);
    expect([...result.wrong.slice(0, 20), ...logs]).toEqual([]);
    record({ ...row, ...result.figures });
    return result;
  }

  private options({ worker, redis }: Pick<StartOptions, 'worker' | 'redis'>): QueueModuleOptions {
    const { queue = {}, worker: common, storage } = this.settings;
    const own = storage?.redis ?? { host: this.redis.host, port: this.redis.port };
    return { driver: 'redis', ...queue, redis: { ...own, ...redis }, worker: { ...common, ...worker } };
  }

  private async startServer({ config }: ChaosSettings): Promise<Redis> {
    this.server = this.keep(await startRedis({ config }));
    return new Redis(this.server.url);
  }

  private openHistory(name: string): History {
    const history = new History(this.pathOf(name));
    this.open.push({ stop: async () => history.close() });
    return history;
  }

  private pathOf(name: string): string {
    return join(this.folder, `${name}.jsonl`);
  }

  private supervise(worker: ChaosProcess, options: StartOptions): void {
    const replace = async (): Promise<void> => {
      await worker.exited;
      if (!this.supervising) return;
      this.deaths++;
      worker.markLost('died');
      this.supervise(await this.begun(options, ChaosProcess.launch), options);
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
