import type { System, SystemName } from './system.interface.js';

/** The systems, in the order of their turns. A process loads the one it runs, and no other. */
export const SYSTEMS: readonly SystemName[] = ['ours', 'bullmq'];

const LOADERS: Readonly<Record<SystemName, () => Promise<{ default: System }>>> = {
  ours: () => import('./ours.system.js'),
  bullmq: () => import('./bullmq.system.js'),
};

export async function loadSystem(name: SystemName): Promise<System> {
  return (await LOADERS[name]()).default;
}
