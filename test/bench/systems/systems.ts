import type { System, SystemName } from './system.interface.js';

/** The systems, in the order of their turns and columns. A process loads the one it runs, and no other. */
export const SYSTEMS: readonly SystemName[] = ['ours', 'bullmq', 'bull', 'bee-queue', 'bare'];

/** What most is compared with. */
export const OURS_AND_BULLMQ: readonly SystemName[] = ['ours', 'bullmq'];

/** What is known for queues beside those. They take part in what they have the feature for, with fewer rounds. */
export const OTHERS: readonly SystemName[] = ['bull', 'bee-queue'];

export const QUEUE_SYSTEMS: readonly SystemName[] = [...OURS_AND_BULLMQ, ...OTHERS];

const LOADERS: Readonly<Record<SystemName, () => Promise<{ default: System }>>> = {
  ours: () => import('./ours.system.js'),
  bullmq: () => import('./bullmq.system.js'),
  bull: () => import('./bull.system.js'),
  'bee-queue': () => import('./bee-queue.system.js'),
  bare: () => import('./bare.system.js'),
};

export async function loadSystem(name: SystemName): Promise<System> {
  return (await LOADERS[name]()).default;
}
