import { describe, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { limitsHeld } from '../checks/limits.js';
import { rawCommand, rawStrings } from '../../support/raw-redis.js';
import { startRedisCluster } from '../../support/redis-cluster.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { Chaos } from '../harness/chaos.js';
import { Rounds } from '../harness/rounds.js';
import { untilServed } from '../harness/probe.js';
import { sized } from '../harness/size.js';
import { FlakyJob, QuickJob, SlowJob } from '../process/jobs.js';

/** A queue whose groups run one job at once. */
const GROUPED = 'grouped';
const QUEUES = ['default', GROUPED];
/** The number of keys that one MIGRATE moves. */
const BATCH = 50;
/** How long an acknowledged write may be on its way to the replica, in milliseconds. */
const REPLICATION_MS = 50;

describe('a cluster', () => {
  const chaos = new Chaos();

  async function begin(config: readonly string[] = []): Promise<readonly TestRedis[]> {
    const { nodes, startupNodes } = chaos.keep(await startRedisCluster({ config }));
    const redis = { cluster: [...startupNodes], clusterOptions: { slotsRefreshInterval: 1_000 } };
    const client = new Cluster([...startupNodes]);
    await chaos.begin({
      storage: { redis, client },
      worker: { lease: 1, queues: { default: 10, [GROUPED]: 4 } },
      queue: { jobs: { retryDelay: 0.1 }, queues: { [GROUPED]: { groups: { concurrency: 1 } } } },
    });
    await chaos.workers(2);
    return nodes;
  }

  const groups = new Map<string, Set<string>>();
  const pushGrouped = async (round: number): Promise<void> => {
    const group = `g${round % 3}`;
    const ids = groups.get(group) ?? new Set<string>();
    groups.set(group, ids);
    const takes = [5 + (round % 30), 0];
    for (const id of await chaos.producer.pushMany(SlowJob, takes, { queue: GROUPED, group })) ids.add(id);
  };

  const load = (): Rounds =>
    Rounds.start(async (round) => {
      await chaos.producer.pushMany(QuickJob, [1, 2, 3, 4]);
      await chaos.producer.push(SlowJob, round % 40);
      await chaos.producer.push(FlakyJob, round % 2);
      await chaos.producer.push(QuickJob, round, { delay: 0.2 });
      await pushGrouped(round);
    });

  it('loses no job and causes no extra run when slots move and nodes restart', async () => {
    const { moves } = sized({ short: { moves: 2 }, long: { moves: 20 } });
    const nodes = await begin(['--appendonly', 'yes', '--appendfsync', 'always']);
    const slots = await Promise.all(QUEUES.map((queue) => slotOf(`{${queue}}`, nodes)));
    const pushing = load();
    let moved = 0;
    let recovery = 0;
    for (let move = 1; move <= moves; move++) {
      let to = nodes[0]!;
      for (const slot of slots) {
        const from = await ownerOf(slot, nodes);
        to = nodes[(nodes.indexOf(from) + 1) % nodes.length]!;
        moved += await moveSlot(slot, from, to, nodes);
      }
      await untilServed(chaos);
      if (move % 2 === 1) continue;
      const killedAt = Date.now();
      to.kill('SIGKILL');
      await to.restart();
      recovery = Math.max(recovery, await untilServed(chaos, killedAt));
    }
    await pushing.stop();
    for (const queue of QUEUES) await chaos.drained(queue);
    const histories = await chaos.histories();
    for (const ids of groups.values()) {
      expect(limitsHeld(histories, { concurrency: 1 }, new Map(), (id) => ids.has(id)).wrong).toEqual([]);
    }
    const also = { 'slots moved': moves * slots.length, 'keys moved': moved, 'nodes killed': Math.floor(moves / 2) };
    const fault = 'a cluster whose slots move and whose nodes are killed';
    const { figures } = await chaos.expectAllWell({ fault, recovery, also }, {}, QUEUES);
    expect(moved).toBeGreaterThan(moves * 5);
    expect(figures).toMatchObject({ lost: 0, extra: 0, held: 0, refused: 0 });
  });

  it('continues with a replica when a node is lost for good', async () => {
    const nodes = await begin();
    const owner = await ownerOf(await slotOf('{default}', nodes), nodes);
    const replica = chaos.keep(await addReplica(owner, nodes));
    const pushing = load();
    await eventually(() => pushing.rounds >= 20, { timeout: 20_000 });
    // On a busy machine the replica may be far behind.
    await eventually(async () => (await offsetsOf(owner))[0]! <= (await offsetsOf(replica)).at(-1)!);
    const killedAt = Date.now();
    owner.kill('SIGKILL');
    await eventually(async () => (await rawCommand(replica.port, 'ROLE')).includes('master'), { timeout: 30_000 });
    const recovery = await untilServed(chaos, killedAt);
    await pushing.stop();
    for (const queue of QUEUES) await chaos.drained(queue);
    const forgotten = (at: number): boolean => at >= killedAt - REPLICATION_MS && at <= killedAt;
    const row = { fault: 'a node of a cluster is lost, its replica takes over', recovery };
    const { figures } = await chaos.expectAllWell(row, { forgotten }, QUEUES);
    expect(figures.jobs).toBeGreaterThan(100);
  });
});

async function idOf({ port }: TestRedis): Promise<string> {
  return (await rawStrings(port, 'CLUSTER', 'MYID'))[0]!;
}

/** The numbers in the role of a node: of a master the first one is how far it is, of a replica the last one. */
async function offsetsOf({ port }: TestRedis): Promise<number[]> {
  const role = await rawCommand(port, 'ROLE');
  return [...role.matchAll(/^:(-?\d+)/gm)].map(([, number]) => Number(number));
}

async function slotOf(key: string, [node]: readonly TestRedis[]): Promise<number> {
  return Number((await rawCommand(node!.port, 'CLUSTER', 'KEYSLOT', key)).slice(1));
}

async function ownerOf(slot: number, nodes: readonly TestRedis[]): Promise<TestRedis> {
  for (const node of nodes) {
    const shards = await rawCommand(node.port, 'CLUSTER', 'NODES');
    const own = /myself,master.*connected(.*)/.exec(shards)?.[1] ?? '';
    for (const [, first, last] of own.matchAll(/ (\d+)(?:-(\d+))?(?= |\r|\n|$)/g)) {
      if (slot >= Number(first) && slot <= Number(last ?? first)) return node;
    }
  }
  throw new Error(`No node has slot ${slot}`);
}

/** Moves a slot as `redis-cli --cluster reshard` does. Returns the number of moved keys. */
async function moveSlot(slot: number, from: TestRedis, to: TestRedis, nodes: readonly TestRedis[]): Promise<number> {
  const [source, target] = [await idOf(from), await idOf(to)];
  await rawCommand(to.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
  await rawCommand(from.port, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
  let moved = 0;
  for (;;) {
    const keys = await rawStrings(from.port, 'CLUSTER', 'GETKEYSINSLOT', slot, BATCH);
    if (keys.length === 0) break;
    await rawCommand(from.port, 'MIGRATE', to.host, to.port, '', 0, 5_000, 'KEYS', ...keys);
    moved += keys.length;
  }
  const others = nodes.filter((node) => node !== from && node !== to);
  for (const node of [to, from, ...others]) await rawCommand(node.port, 'CLUSTER', 'SETSLOT', slot, 'NODE', target);
  return moved;
}

/** Adds a node that replicates a master and can be promoted. */
async function addReplica(master: TestRedis, nodes: readonly TestRedis[]): Promise<TestRedis> {
  const config = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--repl-diskless-sync-delay', '0'];
  const replica = await startRedis({ config });
  await rawCommand(replica.port, 'CLUSTER', 'MEET', master.host, master.port);
  const id = await idOf(master);
  const knows = async (): Promise<boolean> => {
    const known = await rawCommand(replica.port, 'CLUSTER', 'NODES');
    return (await Promise.all(nodes.map(idOf))).every((each) => known.includes(each));
  };
  await eventually(knows, { timeout: 20_000 });
  await rawCommand(replica.port, 'CLUSTER', 'REPLICATE', id);
  const follows = async (): Promise<boolean> =>
    /slave_repl_offset:[1-9]/.test(await rawCommand(replica.port, 'INFO', 'replication')) &&
    (await rawCommand(replica.port, 'INFO', 'replication')).includes('master_link_status:up');
  await eventually(follows, { timeout: 20_000 });
  const isKnown = async (): Promise<boolean> => {
    const ofReplica = await idOf(replica);
    const views = await Promise.all(nodes.map(({ port }) => rawCommand(port, 'CLUSTER', 'NODES')));
    return views.every((view) => new RegExp(`${ofReplica}.*slave ${id}`).test(view));
  };
  await eventually(isKnown, { timeout: 20_000 });
  return replica;
}
