import { inFile } from './in-file.js';
import type { Mutant } from './mutant.js';

const inTable = inFile('redis', 'lib/drivers/redis/scripts/flow-table.ts');
const inFlows = inFile('redis', 'lib/drivers/redis/scripts/flows.script.ts');
const inHops = inFile('redis', 'lib/drivers/redis/scripts/chain-hops.ts');
const inPushes = inFile('redis', 'lib/drivers/redis/scripts/flow-pushes.ts');
const inFeed = inFile('redis', 'lib/drivers/redis/scripts/batch-feed.script.ts');
const inRetry = inFile('redis', 'lib/drivers/redis/scripts/batch-retry.script.ts');
const inOutbox = inFile('redis', 'lib/drivers/redis/scripts/parts/outbox.part.ts');
const inStop = inFile('redis', 'lib/drivers/redis/scripts/parts/stop.part.ts');
const inMembers = inFile('redis', 'lib/drivers/redis/scripts/parts/take-members.part.ts');
const inArrayFlow = inFile('array', 'lib/drivers/array/array-flow.ts');
const inArrayFlows = inFile('array', 'lib/drivers/array/array-flows.ts');
const inArrayBatch = inFile('array', 'lib/drivers/array/array-batch.ts');
const inArrayBatches = inFile('array', 'lib/drivers/array/array-batches.ts');

/** Faults of chains, workflows and batches. The model of flows has to catch them. */
const FAULTS: readonly Mutant[] = [
  inTable(
    'a node is pushed before all before it have completed',
    "if stateOf(flow, other) ~= '${NODE_STATE.completed}' then return end",
    '',
  ),
  inTable('what a node waits for is forgotten', "setState(flow, each, '${NODE_STATE.cancelled}')", ''),
  inTable(
    'a flow ends while its jobs run',
    "hasEnded = #flow.due == 0 and not string.find(flow.letters, '${NODE_STATE.pushed}', 1, true)",
    'hasEnded = #flow.due == 0',
  ),
  inTable(
    'all have completed although a job has failed',
    "hasCompleted = #flow.due == 0 and not string.find(flow.letters, '[^${NODE_STATE.completed}]')",
    "hasCompleted = #flow.due == 0 and not string.find(flow.letters, '[wp]')",
  ),
  inTable('a failure has no callback', "if flow.hasFailed then wantCallback(flow, '${CALLBACK.catch}') end", ''),
  inTable(
    'a batch ends before it is sealed',
    'hasEnded = flow.isSealed and flow.p == 0 and #flow.due == 0 and waitingIn(flow) == 0',
    'hasEnded = flow.p == 0 and #flow.due == 0 and waitingIn(flow) == 0',
  ),
  inTable(
    'an end is told again and again',
    "if tells == '1' and hasEnded and (endsNow or isUntold(flow)) then tellEnd(flow) end",
    "if tells == '1' and hasEnded then tellEnd(flow) end",
  ),
  inTable(
    'an end that a retry took back is never told again',
    "redis.call('HDEL', flow.key, 'endedAt', 'telling')",
    '',
  ),
  inPushes(
    'a job that the script of its flow has pushed still waits',
    'confirmPushed(dueFlows[i], dueNodes[i], dueReply[4 * i - 2], places[i])',
    '',
  ),
  inPushes(
    'a job of a chain gets no result of the one before it',
    "values[n + 3] = result == '' and record or withPrevious(record, result)",
    'values[n + 3] = record',
  ),
  inHops(
    'the end of a chain is not told',
    "if tells == '1' or not to then return false end",
    'if not to then return false end',
  ),
  inHops(
    'a chain with callbacks ends without them',
    "local _, to = string.find(run, '^${completed}*${pushed} 0 0 0 0 ')",
    "local _, to = string.find(run, '^${completed}*${pushed} 0 0 0 %d ')",
  ),
  inHops(
    'a hop leaves the state of its chain',
    "hops[n + 5] = string.sub(run, 1, node) .. '${completed}${pushed}' .. string.sub(run, node + 3)",
    'hops[n + 5] = run',
  ),
  inFlows('a failed job is none', 'if lives then setState(flow, node, outcome, id) end', ''),
  inFlows('a cancelled job leaves those behind it alone', 'cancelBehind(flow, node)', ''),
  inFlows('a job that is put back stays a failed one', "setState(flow, node, '${NODE_STATE.pushed}', id)", ''),
  inFlows('the job behind a completed one is not due', 'if #wanted > 0 then wantBehind(flow, wanted) end', ''),
  inFlows(
    'a cancelled flow leaves its waiting jobs alone',
    "if stateOf(loaded, node) == '${NODE_STATE.waiting}' then setState(loaded, node, '${NODE_STATE.cancelled}') end",
    '',
  ),
  inFlows(
    'members that a failure has cancelled are forgotten',
    "if state == '${NODE_STATE.pushed}' then holdMember(flow, node, id, result) end",
    "if state == '${NODE_STATE.pushed}' then setState(flow, node, '${NODE_STATE.cancelled}') end",
  ),
  inFlows(
    'completed members are counted as often as they are told',
    'if letters[place] == ${NODE_STATE.pushed.charCodeAt(0)} then',
    'if letters[place] ~= 0 then',
  ),
  inFeed(
    'members that are fed again count again',
    "if letter == '' or letter == '\\\\0' then letter, added = state, added + 1 end",
    'letter, added = state, added + 1',
  ),
  inFeed('an added member is added again', 'if not known then', 'if true then'),
  inFeed(
    'members are added to a batch that has ended',
    'if batch.endedAt or batch.isStopped then',
    'if batch.isStopped then',
  ),
  inRetry('members that are put back are not pushed', "redis.call('ZADD', flow .. '${DUE}', node, node)", ''),
  inRetry(
    'a retried batch stays stopped',
    "if batch.stopped then redis.call('HDEL', flow, 'stopped', 'sweep', 'sweepUntil') end",
    '',
  ),
  inOutbox(
    'the end of a failed job is told as a cancellation',
    "if state == 'failed' or ids[1] == box.expired then outcome = '${OUTCOME.failed}' end",
    '',
  ),
  inOutbox('dropped members are not told of', "if box.write(ids, '${OUTCOME.cancelled}') then", 'if false then'),
  inStop(
    'members that have started are cancelled by a failure',
    "return tries + crashes > 0 or releases ~= '' or redis.call('HEXISTS', cancelled, id) == 1",
    "return redis.call('HEXISTS', cancelled, id) == 1",
  ),
  inMembers('a member that has ended is pushed again', 'if isThere[id] then', 'if false then'),
  inArrayFlow(
    'a node in memory is pushed before all before it have completed',
    "return this.before[node]!.every((other) => this.states[other] === 'completed');",
    'return true;',
  ),
  inArrayFlow('a cancelled job in memory leaves those behind it alone', 'this.cancelBehind(node);', ''),
  inArrayFlow(
    'a flow in memory ends while its jobs run',
    "const hasEnded = !this.states.includes('pushed');",
    'const hasEnded = true;',
  ),
  inArrayFlow(
    'a job in memory that is put back stays a failed one',
    "} else if (outcome === 'retried' && state === 'failed') {",
    '} else if (false) {',
  ),
  inArrayFlows('the end of a flow in memory is not told', 'this.actions.ended(ref, flow.read());', ''),
  inArrayFlows(
    'a failure in a batch in memory stops nothing',
    'if (flow instanceof ArrayBatch) this.holdStopped(flow);',
    '',
  ),
  inArrayBatch(
    'a batch in memory that allows failures is stopped',
    "if (!this.flow.allowFailures) this.stopped ??= 'failed';",
    "this.stopped ??= 'failed';",
  ),
  inArrayBatch(
    'a batch in memory ends before it is sealed',
    'const hasEnded = this.isSealed && this.counts.pushed === 0;',
    'const hasEnded = this.counts.pushed === 0;',
  ),
  inArrayBatch(
    'members in memory that are fed again count again',
    'if (!this.members.has(first + index))',
    'if (this.counts.pushed >= 0)',
  ),
  inArrayBatch('a retried batch in memory stays stopped', 'this.stopped = undefined;', ''),
  inArrayBatches(
    'members are added to a batch in memory that has ended',
    "if (!batch || batch.finishedAt !== undefined || batch.stopped === 'cancelled') return null;",
    "if (!batch || batch.stopped === 'cancelled') return null;",
  ),
];

export const FLOW_MUTANTS: readonly Mutant[] = FAULTS.map((mutant) =>
  Object.assign(mutant, { model: 'flows' as const }),
);
