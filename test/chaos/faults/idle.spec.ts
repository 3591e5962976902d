import { describe, expect, it } from '@jest/globals';
import { closeClient } from '../../support/close-client.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { QuickJob } from '../process/jobs.js';

/** A worker that waits looks by itself after five seconds, in ms; not sooner than that. */
const POLL = 4_950;

interface Command {
  /** Milliseconds, on the server's clock. */
  readonly at: number;
  readonly source: string;
  readonly text: string;
}

describe('many workers that have nothing to do', () => {
  const chaos = new Chaos();

  it('are woken by a push two at the most, and cost about a command a second each', async () => {
    const { workers, pushes, watch } = sized({
      short: { workers: 8, pushes: 5, watch: 0 },
      long: { workers: 50, pushes: 50, watch: 20_000 },
    });
    await chaos.begin();
    const commands = await watchCommands(chaos);
    await chaos.workersInside(workers);
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

/** What clients and scripts send, as it comes. */
async function watchCommands(chaos: Chaos): Promise<Command[]> {
  const commands: Command[] = [];
  const monitor = await chaos.client.monitor();
  chaos.keep({ stop: async () => closeClient(monitor) });
  monitor.on('monitor', (time: string, words: string[], source: string) => {
    commands.push({ at: Number(time) * 1000, source, text: words.join(' ') });
  });
  return commands;
}

/** Who has made a poll since then, but for those who would have made it anyway. */
function wokenSince(commands: readonly Command[], index: number): Set<string> {
  const lastPolls = new Map<string, number>();
  const woken = new Set<string>();
  for (const [i, command] of commands.entries()) {
    if (!isPoll(command)) continue;
    const { source, at } = command;
    const polls = at - (lastPolls.get(source) ?? -Infinity) >= POLL;
    lastPolls.set(source, at);
    if (i >= index && !polls) woken.add(source);
  }
  return woken;
}

/** A poll names the key of its consumer's polls; nothing else that a client sends does. */
function isPoll({ source, text }: Command): boolean {
  return source !== 'lua' && /^evalsha? /i.test(text) && text.includes('queue:default:polls:');
}
