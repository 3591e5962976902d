import { loadSystem } from '../systems/systems.js';
import type { BenchSystem } from './bench-system.js';
import type { SubjectArguments, TaskReply, TaskRequest } from './protocol.js';
import { makeStopwatch } from './stopwatch.js';
import { TASKS } from './tasks/tasks.js';

/** Runs the tasks of one system. This process ends when the process that sends the tasks ends. */
const { system, host, port, profiles } = JSON.parse(process.argv[2] ?? '{}') as SubjectArguments;
const loaded = await loadSystem(system);

process.on('disconnect', () => process.exit());
process.on('message', (request: TaskRequest) => void answer(request));

async function answer({ task, options }: TaskRequest): Promise<void> {
  const bench: BenchSystem = {
    system: loaded,
    host,
    port,
    stopwatch: () => makeStopwatch(`${system}-${task}`, profiles),
  };
  const run = TASKS[task] as (system: BenchSystem, options: object) => Promise<unknown>;
  let reply: TaskReply;
  try {
    reply = { result: await run(bench, options) };
  } catch (error) {
    reply = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(reply);
}
