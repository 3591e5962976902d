import type { Measurement } from './measurement.interface.js';
import { measureRate } from './rounds.js';
import { timePushAndWork } from './workload.js';

const TITLE = 'empty jobs of 1,000 groups, pushed and run, one of each at once, against GroupMQ';

/** Measures the rate at which jobs of a thousand groups are pushed and run, one of each at once, beside a queue that is made for that. */
export const groupmq: Measurement = {
  name: 'groupmq',
  systems: ['ours', 'groupmq'],
  async run(bench) {
    const values = await measureRate(bench, (subject, count) =>
      timePushAndWork(subject, { count, use: 'groupConcurrency', retention: 'none' }),
    );
    const { ours = [], groupmq: others = [] } = values;
    const times = ours.map((rate, round) => rate / others[round]!);
    return [
      { id: 'groupmq', title: TITLE, unit: 'jobs/s', values },
      { id: 'groupmq.times', title: `${TITLE}: times its rate`, unit: 'part', values: { ours: times } },
    ];
  },
};
