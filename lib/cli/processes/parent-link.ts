import type { Probed } from '../health-server.js';
import type { FromProcess, ToProcess } from './messages.js';

/** Whether this process was started by `--processes` of another one. */
export function hasParent(): boolean {
  return process.env[CHILD_VARIABLE] !== undefined && process.send !== undefined;
}

/** Set in the environment of the processes of `--processes`. */
export const CHILD_VARIABLE = 'QUEUE_WORKER_PROCESS';

/** Tells the parent that the worker starts, answers its probes, and stops this process if the parent is gone. */
export function linkToParent(probed: Probed, shutdownTimeout: number): void {
  const tell = (message: FromProcess): void => void process.send?.(message);
  process.on('message', (message) => {
    const { type, number } = message as ToProcess;
    if (type === 'probe') void answer(number);
  });
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  tell({ type: 'started', shutdownTimeout });

  async function answer(number: number): Promise<void> {
    const isAlive = await probed.isAlive();
    tell({ type: 'probed', number, isAlive, state: await probed.state() });
  }
}
