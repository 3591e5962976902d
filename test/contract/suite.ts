import { describe } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { describeBatchRuns } from './batch-runs.contract.js';
import { describeBatches } from './batches.contract.js';
import { describeBadStates } from './bad-states.contract.js';
import { describeBlockedLists } from './blocked-lists.contract.js';
import { describeCancel } from './cancel.contract.js';
import { describeCheckpoint } from './checkpoint.contract.js';
import { describeClaim } from './claim.contract.js';
import { describeClear } from './clear.contract.js';
import { describeClose } from './close.contract.js';
import { describeComplete } from './complete.contract.js';
import { describeCounts } from './counts.contract.js';
import { describeDebounce } from './debounce.contract.js';
import { describeDelay } from './delay.contract.js';
import { describeEvents } from './events.contract.js';
import { describeFail } from './fail.contract.js';
import { describeFences } from './fences.contract.js';
import { describeFlowGraphs } from './flow-graphs.contract.js';
import { describeFlows } from './flows.contract.js';
import { describeGroupLimits } from './group-limits.contract.js';
import { describeGroupPriorities } from './group-priorities.contract.js';
import { describeGroups } from './groups.contract.js';
import { describeObserver } from './observer.contract.js';
import { describeOrderedGroups } from './ordered-groups.contract.js';
import { describeIdempotence } from './idempotence.contract.js';
import { describeIds } from './ids.contract.js';
import { describeInFlight } from './in-flight.contract.js';
import { describeLease } from './lease.contract.js';
import { describeLimits } from './limits.contract.js';
import { describeLists } from './lists.contract.js';
import { describeListen } from './listen.contract.js';
import { describeLogs } from './logs.contract.js';
import { describeMending } from './mending.contract.js';
import { describePause } from './pause.contract.js';
import { describePriority } from './priority.contract.js';
import { describeProgress } from './progress.contract.js';
import { describePush } from './push.contract.js';
import { describeHold } from './hold.contract.js';
import { describeQueueLimits } from './queue-limits.contract.js';
import { describeQueues } from './queues.contract.js';
import { describeRelease } from './release.contract.js';
import { describeResults } from './results.contract.js';
import { describeRetention } from './retention.contract.js';
import { describeRetry } from './retry.contract.js';
import { describeSchedules } from './schedules.contract.js';
import { describeSetPriority } from './set-priority.contract.js';
import { describeStats } from './stats.contract.js';
import { describeStatus } from './status.contract.js';
import { describeUnique } from './unique.contract.js';
import { describeWaits } from './waits.contract.js';
import { describeWorkers } from './workers.contract.js';
import { describeRecovered } from './recovered.contract.js';

/** Runs the conformance suite on a driver. Each file of the suite tests one part of the contract. */
export function describeDriver(harness: DriverHarness): void {
  describePlaces(harness);
  describeViews(harness);
  describeRest(harness);
}

/** Runs the parts of the suite that put jobs into places of their own. With {@link describeViews} they use every key and every script of a driver: they hold for each way to name the keys. */
export function describePlaces(harness: DriverHarness): void {
  describe(`driver ${harness.name}`, () => {
    describeIds(harness);
    describeUnique(harness);
    describeDebounce(harness);
    describeRecovered(harness);
    describePause(harness);
    describePriority(harness);
    describeSetPriority(harness);
    describeHold(harness);
    describeGroups(harness);
    describeGroupLimits(harness);
    describeGroupPriorities(harness);
    describeOrderedGroups(harness);
    describeQueueLimits(harness);
  });
}

/** Runs the parts of the suite about flows and schedules, about what is told of jobs, and about what operators do. */
export function describeViews(harness: DriverHarness): void {
  describe(`driver ${harness.name}`, () => {
    describeFlows(harness);
    describeSchedules(harness);
    describeBatches(harness);
    describeStats(harness);
    describeCancel(harness);
    describeStatus(harness);
    describeProgress(harness);
    describeCheckpoint(harness);
    describeLogs(harness);
    describeLists(harness);
    describeMending(harness);
    describeWaits(harness);
    describeWorkers(harness);
    describeEvents(harness);
    describeObserver(harness);
    describeClear(harness);
    describeQueues(harness);
    describeListen(harness);
  });
}

/** Runs the other parts of the suite. */
export function describeRest(harness: DriverHarness): void {
  describe(`driver ${harness.name}`, () => {
    describePush(harness);
    describeClaim(harness);
    describeDelay(harness);
    describeComplete(harness);
    describeFail(harness);
    describeRetention(harness);
    describeBlockedLists(harness);
    describeRetry(harness);
    describeRelease(harness);
    describeInFlight(harness);
    describeLease(harness);
    describeFences(harness);
    describeIdempotence(harness);
    describeBatchRuns(harness);
    describeFlowGraphs(harness);
    describeResults(harness);
    describeCounts(harness);
    describeLimits(harness);
    describeBadStates(harness);
    describeClose(harness);
  });
}

/**
 * Runs the parts of the suite of which a driver with partitions puts answers together, and not those that set limits of a queue which are
 * smaller than its number of partitions.
 *
 * @param isShort for the parts in which most is told
 */
export function describeBesidePartitions(harness: DriverHarness, isShort: boolean): void {
  describe(`driver ${harness.name}`, () => {
    describePause(harness);
    describeHold(harness);
    describeStats(harness);
    describeCancel(harness);
    describeLists(harness);
    describeMending(harness);
    describeWaits(harness);
    describeCounts(harness);
    describeClear(harness);
    describeQueues(harness);
    describeListen(harness);
    if (isShort) return;
    describePush(harness);
    describeIds(harness);
    describeUnique(harness);
    describeDebounce(harness);
    describeClaim(harness);
    describeDelay(harness);
    describeRetention(harness);
    describeRetry(harness);
    describeRelease(harness);
    describeLease(harness);
    describeRecovered(harness);
    describeIdempotence(harness);
    describePriority(harness);
    describeSetPriority(harness);
    describeGroups(harness);
    describeFlows(harness);
    describeSchedules(harness);
    describeStatus(harness);
    describeBatches(harness);
    describeBatchRuns(harness);
    describeFlowGraphs(harness);
    describeWorkers(harness);
    describeEvents(harness);
    describeObserver(harness);
    describeClose(harness);
  });
}
