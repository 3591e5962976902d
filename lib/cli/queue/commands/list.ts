import type { Command } from 'commander';
import type { QueueInfo } from '../../../index.js';
import { queueNames } from '../queue-arguments.js';
import { age, table } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

export function addList(program: Command, run: RunCommand): void {
  program
    .command('list')
    .description('list the queues, with the number of their jobs')
    .argument('[queue...]', 'these queues alone', queueNames)
    .action((names: readonly string[] | undefined) =>
      run(async ({ admin, driver, out }) => {
        const all = await admin.queues();
        const queues = names?.length ? all.filter(({ name }) => names.includes(name)) : all;
        out.print(queues, () =>
          queues.length === 0 ? `No queues on ${driver.address}` : `${driver.address}\n\n${toTable(queues)}`,
        );
      }),
    );
}

function toTable(queues: readonly QueueInfo[]): string {
  return table(
    ['queue', 'ready', 'blocked', 'delayed', 'running', 'failed', 'oldest', 'workers', 'state'],
    queues.map(({ name, counts, oldestReadyAge, consumers, ...state }) => [
      name,
      counts.ready,
      counts.blocked,
      counts.delayed,
      counts.reserved,
      counts.failed,
      age(oldestReadyAge),
      consumers,
      stateOf(state),
    ]),
  );
}

function stateOf({
  paused,
  pausedUntil,
  heldUntil,
}: Omit<QueueInfo, 'name' | 'counts' | 'oldestReadyAge' | 'consumers'>): string {
  if (paused) return pausedUntil ? `paused until ${pausedUntil.toISOString()}` : 'paused';
  return heldUntil ? `held until ${heldUntil.toISOString()}` : '';
}
