import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import type { JoinedWorker, QueueWorkers } from '../drivers/queue-workers.interface.js';
import type { Clock } from '../support/clock.js';
import { ownVersion } from '../support/own-version.js';
import type { WorkerState, WorkerText } from './worker-info.js';

/** Tells the storage of a worker of this process that starts now. @param state returns what changes while it runs */
export function joinWorkers(workers: QueueWorkers, clock: Clock, state: () => WorkerState): JoinedWorker {
  const facts = { host: hostname(), pid, startedAt: clock.now(), version: ownVersion() };
  const text = (): string => JSON.stringify({ ...facts, ...state() } satisfies WorkerText);
  return workers.join(randomBytes(9).toString('base64url'), text);
}
