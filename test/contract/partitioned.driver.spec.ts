import { useRedis } from '../support/use-redis.js';
import { ArrayHarness } from './array.harness.js';
import { PartitionedHarness } from './partitioned.harness.js';
import { describePartitions } from './partitions.contract.js';
import { RedisHarness } from './redis.harness.js';
import { describeBesidePartitions } from './suite.js';

const redis = useRedis();

describePartitions(new PartitionedHarness(new ArrayHarness()));
describePartitions(new PartitionedHarness(new RedisHarness(redis)));
// All jobs are in one of the partitions: so the suite holds for it, and its answers are put together with those of the others.
describeBesidePartitions(new PartitionedHarness(new ArrayHarness(), 2), false);
describeBesidePartitions(new PartitionedHarness(new RedisHarness(redis), 2), true);
