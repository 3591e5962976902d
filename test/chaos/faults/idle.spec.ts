import { describe, expect, it } from '@jest/globals';
import { closeClient } from '../../support/close-client.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { QuickJob } from '../process/jobs.js';

interface Command {
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
    await chaos.workersInside(workers);
    const blocked = async (): Promise<number> =>
      Number(/blocked_clients:(\d+)/.exec(await chaos.client.info('clients'))![1]);
    await eventually(async () => expect(await blocked()).toBe(workers));
    const commands = await watchCommands(chaos);
    let mostAwake = 0;
    for (let push = 1; push <= pushes; push++) {
      commands.length = 0;
      await chaos.producer.push(QuickJob, push);
      await chaos.drained();
      await eventually(async () => expect(await blocked()).toBe(workers));
      const awake = new Set(commands.filter(isStep).map(({ source }) => source)).size;
      expect(awake).toBeGreaterThan(0);
      mostAwake = Math.max(mostAwake, awake);
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
    commands.push({ at: Number(time), source, text: words.join(' ') });
  });
  return commands;
}

/** A step names the key of its holder's session; nothing else that a client sends does. */
function isStep({ source, text }: Command): boolean {
  return source !== 'lua' && /^evalsha? /i.test(text) && text.includes('queue:default:session:');
}
