import { QUEUE_SYSTEMS } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { measureRate } from './rounds.js';
import { BYTES } from './workload.js';

const IN_FLIGHT = 100;
const OPTIONS = { bytes: BYTES, retention: '24h' } as const;

/** Measures single pushes, against `queue.add`. */
export const push: Measurement = {
  name: 'push',
  systems: QUEUE_SYSTEMS,
  async run(bench) {
    const one = await measureRate(bench, (subject, count) => subject.run('pushInTurn', { ...OPTIONS, count }));
    const atOnce = await measureRate(bench, (subject, count) =>
      subject.run('pushAtOnce', { ...OPTIONS, count, inFlight: IN_FLIGHT }),
    );
    return [
      { id: 'push.one', title: 'push, one after the other', unit: 'jobs/s', values: one },
      { id: 'push.at-once', title: `push, ${IN_FLIGHT} under way`, unit: 'jobs/s', values: atOnce },
    ];
  },
};
