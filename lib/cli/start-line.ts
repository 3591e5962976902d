import type { StartFacts } from './printer.interface.js';

/**
 * Formats the first line of the command: it names the queues, the concurrency, and the driver with its server.
 *
 * If the driver does not name its server, the line has the name of the driver alone.
 */
export function startLine({ module, queues, concurrency, driver, server, pid, version }: StartFacts): string {
  const work = `Working ${queues.length === 1 ? 'queue' : 'queues'} ${queues.join(', ')} of ${module}`;
  const limit = `${concurrency} ${concurrency === 1 ? 'job' : 'jobs'} at once`;
  return `${work} on ${server ?? driver}, ${limit}; pid ${pid}, nestjs-job-queue ${version}; Ctrl+C stops it`;
}
