import type { Target } from './result.js';

const SCRIPT: Target = { is: 'at most', value: 5 };
/** Milliseconds until workers obey. */
const SIGNAL: Target = { is: 'at most', value: 100 };

/** Milliseconds that a page of a list takes the server. */
const PAGE: Target = { is: 'at most', value: 5 };

/** The targets of the library, by the id of the result. */
export const TARGETS: Readonly<Record<string, Target>> = {
  'push.one': { is: 'at least', ratio: 1 },
  'push.at-once': { is: 'at least', ratio: 1 },
  'push-many.1000': { is: 'at least', ratio: 4 },
  'push-many.5000': { is: 'at least', ratio: 4 },
  'throughput.100': { is: 'at least', ratio: 10 },
  'throughput.100.kept': { is: 'at least', ratio: 5 },
  'telling.results.part': { is: 'at least', value: 0.7 },
  'telling.events.part': { is: 'at least', value: 0.5 },
  priority: { is: 'at least', ratio: 5 },
  'priority.part': { is: 'at least', value: 0.6 },
  'unique.part': { is: 'at least', value: 0.55 },
  'flows.batch': { is: 'at least', ratio: 5 },
  'flows.batch.part': { is: 'at least', value: 0.55 },
  'flows.chains.part': { is: 'at least', value: 0.4 },
  'flows.hop.times': { is: 'at most', value: 3 },
  'groups.concurrency.part': { is: 'at least', value: 0.4 },
  'groups.rate.part': { is: 'at least', value: 0.3 },
  'groupmq.times': { is: 'at least', value: 5 },
  'group-sizes.few': { is: 'at most', value: 1.1 },
  'group-sizes.many': { is: 'at most', value: 1.2 },
  'defaults.statistics.part': { is: 'at least', value: 0.95 },
  'defaults.records.part': { is: 'at least', value: 0.95 },
  'floor.work.part': { is: 'at least', value: 0.25 },
  'depth.100000.part': { is: 'at least', value: 0.9 },
  'depth.1000000.part': { is: 'at least', value: 0.9 },
  // Milliseconds after the time of an occurrence.
  'schedules.late.p99': SIGNAL,
  'latency.p50': { is: 'at most', ratio: 0.5 },
  'cancel.signal.p99': SIGNAL,
  'pause.p99': SIGNAL,
  'wait.rate': { is: 'at least', ratio: 1 },
  'lists.oldest': PAGE,
  'lists.newest': PAGE,
  'lists.offset': PAGE,
  'lists.walk': PAGE,
  'lists.search': PAGE,
  'lists.slow': { is: 'at most', value: 0 },
  'retry.all': { is: 'at least', value: 10_000 },
  'retry.script': SCRIPT,
  'memory.waiting': { is: 'at most', ratio: 1 },
  'scripts.push': SCRIPT,
  'scripts.push.ids': SCRIPT,
  'scripts.poll': SCRIPT,
  'scripts.poll.fail': SCRIPT,
  'scripts.poll.retry': SCRIPT,
  'scripts.poll.promote': SCRIPT,
  'scripts.poll.reap': SCRIPT,
  'scripts.clear': SCRIPT,
  'scripts.cancel': SCRIPT,
  'scripts.live': SCRIPT,
  'scripts.counts': SCRIPT,
  'scripts.inspect': SCRIPT,
  'scripts.set-status': SCRIPT,
  'scripts.heartbeat': SCRIPT,
  'scripts.leave': SCRIPT,
  'scripts.processed': SCRIPT,
  'scripts.wake': SCRIPT,
  'scripts.slow': { is: 'at most', value: 0 },
};

/** Finds the targets without a result. */
export function unmeasuredTargets(measured: readonly { readonly id: string }[]): string[] {
  const ids = new Set(measured.map(({ id }) => id));
  return Object.keys(TARGETS).filter((id) => !ids.has(id));
}
