import type { Stopwatch } from './bench-system.js';
import { startProfile } from './profile.js';

/**
 * Makes a stopwatch for one section.
 *
 * @param profiles the folder for a CPU profile of the section; without it, none is made
 */
export async function makeStopwatch(name: string, profiles?: string): Promise<Stopwatch> {
  globalThis.gc?.();
  const saveProfile = profiles === undefined ? undefined : await startProfile(profiles, name);
  let started = 0;
  let processorBefore: NodeJS.CpuUsage;
  return {
    start: () => {
      processorBefore = process.cpuUsage();
      started = performance.now();
    },
    stop: async (jobs) => {
      const seconds = (performance.now() - started) / 1000;
      const { user, system } = process.cpuUsage(processorBefore);
      await saveProfile?.();
      return { jobs, seconds, processor: (user + system) / 1e6 };
    },
  };
}
