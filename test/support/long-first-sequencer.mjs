import { statSync } from 'node:fs';

/** The files that take longest, although some of them are short. */
const LONG =
  /\/test\/(contract\/(redis|partitioned)|model\/|e2e\/(applications\/.*-redis|sample-app\/start|cli\/|board\/browser)|docs\/(quick-start|code|compiler)|fuzz\/|integration\/redis\/(faults\/(schedules|batches|flows)|leases\/heartbeat))/;

/** Starts the long files first, then goes by size: no worker is left alone with a long one at the end. */
export default class LongFirstSequencer {
  sort(tests) {
    const weightOf = ({ path }) => (LONG.test(path) ? Infinity : statSync(path).size);
    const weights = new Map(tests.map((test) => [test, weightOf(test)]));
    return [...tests].sort((a, b) => (weights.get(a) === weights.get(b) ? 0 : weights.get(b) - weights.get(a)));
  }

  allFailedTests(tests) {
    return tests;
  }

  shard(tests, { shardIndex, shardCount }) {
    return tests.filter((_, at) => at % shardCount === shardIndex - 1);
  }

  cacheResults() {
    // The order depends on no former run.
  }
}
