import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { startWorkers } from '../harness/start-workers.js';
import { Load } from '../harness/load.js';
import { sized } from '../harness/size.js';

interface Client {
  readonly id: string;
  readonly name: string;
  readonly blocked: boolean;
}

/** The commands with which an operator controls the clients of a server. */
describe('a CLIENT command of an operator', () => {
  const chaos = new Chaos();

  const clients = async (): Promise<Client[]> =>
    String(await chaos.client.client('LIST'))
      .trim()
      .split('\n')
      .map((line) => ({
        id: /^id=(\d+)/.exec(line)![1]!,
        name: / name=(\S*)/.exec(line)![1]!,
        blocked: / flags=\S*b/.test(line),
      }));
  /** Sends a CLIENT command. Resolves with the number of affected clients, if the reply has it. */
  const command = async (...words: (string | number)[]): Promise<number> =>
    Number(await chaos.client.call('CLIENT', ...words));
  const begin = async (): Promise<void> => {
    await chaos.begin({ worker: { lease: 2, queues: ['default', 'seldom'] } });
    await startWorkers(chaos, 2, {});
  };

  it.each(['ALL', 'WRITE'] as const)('PAUSE %s loses no job and causes no extra run', async (what) => {
    const { times, length } = sized({ short: { times: 2, length: 700 }, long: { times: 10, length: 3_000 } });
    await begin();
    const load = new Load(chaos.producer);
    for (let time = 0; time < times; time++) {
      await command('PAUSE', length, what);
      await pause(length + 200);
    }
    await load.stop();
    const endedAt = Date.now();
    await chaos.drained();
    expect(load.longest).toBeGreaterThan(length / 2);
    const recovery = Date.now() - endedAt;
    const also = { times, 'each, in ms': length, 'longest push, in ms': load.longest };
    const { figures } = await chaos.expectAllWell({ fault: `CLIENT PAUSE ${what}`, recovery, also });
    expect(figures).toMatchObject({ jobs: load.jobs, lost: 0, extra: 0, refused: 0 });
    expect(load.failures).toEqual({});
  });

  it('KILL of any connection loses no job and causes no extra run', async () => {
    const { rounds } = sized({ short: { rounds: 6 }, long: { rounds: 60 } });
    await begin();
    const load = new Load(chaos.producer);
    const killed = { commands: 0, waiting: 0, all: 0 };
    const kinds = ['commands', 'waiting', 'all'] as const;
    for (let round = 0; round < rounds; round++) {
      const kind = kinds[round % kinds.length]!;
      await eventually(async () => {
        // The client of the test has no name, so it does not kill itself.
        const found = (await clients()).filter(
          ({ name }) => name === `queue:${kind}` || (kind === 'all' && name !== ''),
        );
        // A listed client may be gone before its KILL: such a round is tried again.
        let count = 0;
        for (const { id } of found) count += await command('KILL', 'ID', id);
        killed[kind] += count;
        return count > 0;
      });
      await pause(100);
    }
    const endedAt = Date.now();
    await load.stop();
    await chaos.drained();
    const recovery = Date.now() - endedAt;
    const { figures } = await chaos.expectAllWell({ fault: 'CLIENT KILL', recovery, also: killed });
    expect(figures).toMatchObject({ jobs: load.jobs, lost: 0, extra: 0, refused: 0 });
    expect(load.failures).toEqual({});
    for (const count of Object.values(killed)) expect(count).toBeGreaterThanOrEqual(rounds / 3);
  });

  it('UNBLOCK with an error lets the worker wait again', async () => {
    const { rounds } = sized({ short: { rounds: 6 }, long: { rounds: 60 } });
    await begin();
    let unblocked = 0;
    let jobs = 0;
    for (let round = 0; round < rounds; round++) {
      await eventually(async () => {
        const waiting = (await clients()).filter(({ blocked }) => blocked);
        for (const { id } of waiting) unblocked += await command('UNBLOCK', id, 'ERROR');
        return waiting.length > 0;
      });
      const load = new Load(chaos.producer, { size: 1 });
      await pause(20);
      await load.stop();
      jobs += load.jobs;
      await chaos.drained();
    }
    expect(unblocked).toBeGreaterThanOrEqual(rounds);
    const { figures } = await chaos.expectAllWell({ fault: 'CLIENT UNBLOCK ... ERROR', also: { unblocked } });
    expect(figures).toMatchObject({ jobs, runs: jobs, lost: 0, extra: 0, refused: 0 });
  });
});
