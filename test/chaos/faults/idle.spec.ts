import { describe, expect, it } from '@jest/globals';
import { closeClient } from '../../support/close-client.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { QuickJob } from '../process/jobs.js';

/** A waiting worker polls by itself every five seconds. A poll sooner than this, in milliseconds, has another cause. */
const IDLE_POLL_MS = 4_950;

interface Command {
  /** Milliseconds, on the clock of the server. */
  readonly at: number;
  readonly source: string;
  readonly text: string;
}

describe('many idle workers', () => {
  const chaos = new Chaos();

  it('send about one command a second each, and a push wakes at most two of them', async () => {
    const { workers, pushes, watch } = sized({
      short: { workers: 8, pushes: 5, watch: 0 },
      long: { workers: 50, pushes: 50, watch: 20_000 },
    });
    await chaos.begin();
    const commands = await watchCommands(chaos);
    await chaos.workersInProcess(workers);
    const blocked = async (): Promise<number> =>
      Number(/blocked_clients:(\d+)/.exec(await chaos.client.info('clients'))![1]);
    await eventually(async () => expect(await blocked()).toBe(workers));
    let mostAwake = 0;
    for (let push = 1; push <= pushes; push++) {
      const before = commands.length;
      await chaos.producer.push(QuickJob, push);
      await chaos.drained();
      await eventually(async () => expect(await blocked()).toBe(workers));
      mostAwake = Math.max(mostAwake, wokenSince(commands, before).size);
    }
    commands.length = 0;
    const from = Date.now();
    if (watch > 0) await eventually(() => Date.now() > from + watch, { timeout: 2 * watch, interval: 500 });
    const rate = commands.filter(({ source }) => source !== 'lua').length / workers / ((Date.now() - from) / 1000);
    const { figures } = await chaos.expectAllWell({
      fault: 'idle workers and a push',
      also: {
        workers,
        'woken at the most': mostAwake,
        ...(watch > 0 && { 'commands a second each': Number(rate.toFixed(2)) }),
      },
    });
    expect(figures).toMatchObject({ jobs: pushes, runs: pushes });
    expect(mostAwake).toBeGreaterThan(0);
    expect(mostAwake).toBeLessThanOrEqual(2);
    if (watch > 0) expect(rate).toBeLessThan(1.5);
  });
});

/** Collects the commands of clients and scripts. */
async function watchCommands(chaos: Chaos): Promise<Command[]> {
  const commands: Command[] = [];
  const monitor = await chaos.client.monitor();
  chaos.keep({ stop: async () => closeClient(monitor) });
  monitor.on('monitor', (time: string, words: string[], source: string) => {
    commands.push({ at: Number(time) * 1000, source, text: words.join(' ') });
  });
  return commands;
}

/** Finds the clients that have polled since `index`, except those whose regular poll was due. */
function wokenSince(commands: readonly Command[], index: number): Set<string> {
  const lastPolls = new Map<string, number>();
  const woken = new Set<string>();
  for (const [i, command] of commands.entries()) {
    if (!isPoll(command)) continue;
    const { source, at } = command;
    const isRegular = at - (lastPolls.get(source) ?? -Infinity) >= IDLE_POLL_MS;
    lastPolls.set(source, at);
    if (i >= index && !isRegular) woken.add(source);
  }
  return woken;
}

/** Returns true for a poll: it is the only command of a client with the key `:polls:CONSUMER`. */
function isPoll({ source, text }: Command): boolean {
  return source !== 'lua' && /^evalsha? /i.test(text) && text.includes('queue:default:polls:');
}
