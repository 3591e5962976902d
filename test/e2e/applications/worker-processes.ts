import { fileURLToPath } from 'node:url';
import { Child } from '../../support/child.js';

const HOOKS = ['typescript', 'library-sources'].flatMap((name) => [
  '--import',
  new URL(`../../support/${name}.mjs`, import.meta.url).href,
]);

/** Starts worker processes of an application, and waits until they are up. @param main the path of their file, below this folder */
export async function startWorkers(count: number, main: string, env: NodeJS.ProcessEnv): Promise<Child[]> {
  const file = fileURLToPath(new URL(main, import.meta.url));
  const options = { cwd: process.cwd(), env: { PATH: process.env['PATH'], ...env } };
  const workers = Array.from({ length: count }, () => new Child([...HOOKS, file], options));
  await Promise.all(workers.map(async (worker) => worker.prints(/^up$/m)));
  return workers;
}
