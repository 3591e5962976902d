import { mkdir, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** The time between two samples, in microseconds. */
const INTERVAL = 200;

let count = 0;

/** Starts a CPU profile of this thread. Returns a function that ends and saves it. */
export async function startProfile(folder: string, name: string): Promise<() => Promise<void>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}-${++count}.cpuprofile`), JSON.stringify(profile));
  };
}
