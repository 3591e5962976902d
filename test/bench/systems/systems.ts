import type { System, SystemName } from './system.interface.js';

/** The systems, in the order of their turns and columns. A process loads only its own system. */
export const SYSTEMS: readonly SystemName[] = ['ours', 'bullmq', 'bull', 'bee-queue', 'groupmq', 'bare'];

/** The systems of most measurements. */
export const OURS_AND_BULLMQ: readonly SystemName[] = ['ours', 'bullmq'];

/** Other known queues. They are measured if they have the feature, with fewer rounds. */
export const OTHERS: readonly SystemName[] = ['bull', 'bee-queue'];

export const QUEUE_SYSTEMS: readonly SystemName[] = [...OURS_AND_BULLMQ, ...OTHERS];

const LOADERS: Readonly<Record<SystemName, () => Promise<{ default: System }>>> = {
  ours: () => import('./ours.system.js'),
  bullmq: () => import('./bullmq.system.js'),
  bull: () => import('./bull.system.js'),
  'bee-queue': () => import('./bee-queue.system.js'),
  groupmq: () => import('./groupmq.system.js'),
  bare: () => import('./bare.system.js'),
};

export async function loadSystem(name: SystemName): Promise<System> {
  return (await LOADERS[name]()).default;
}
