import { describe } from '@jest/globals';
import { describeFaults, type Mutant } from './describe-faults.js';
import { runFlows } from './flow-faults.js';

/** Deliberate faults. */
const MUTANTS: readonly Mutant[] = [
  {
    fault: 'a node is pushed before all before it have completed',
    script: 'hand over',
    find: "if stateOf(flow, other) ~= 'c' then return end",
    replace: '',
  },
  {
    fault: 'what is due is forgotten before it is pushed',
    inSteps: true,
    script: 'hand over',
    find: '    if job then\n',
    replace: "    redis.call('HDEL', flow.nodes, name)\n    if job then\n",
  },
  {
    fault: 'a cancelled job leaves those behind it alone',
    script: 'hand over',
    find: '      cancelBehind(flow, node)\n',
    replace: '',
  },
  {
    fault: 'a failed job is none',
    script: 'hand over',
    find: 'if lives then setState(flow, node, outcome, id) end',
    replace: '',
  },
  {
    fault: 'the end of all is told while jobs are due',
    script: 'hand over',
    find: 'hasEnded = #flow.due == 0 and not',
    replace: 'hasEnded = not',
  },
  {
    fault: 'a job that is there is pushed again',
    inSteps: true,
    script: 'push-members',
    find: '  if there[at] or anyStatus and',
    replace: '  if false and anyStatus and',
  },
  {
    fault: 'a job that the script of the flow has pushed is not confirmed',
    script: 'hand over',
    find: "      confirmPushed(dueFlows[i], dueNodes[i], dueReply[4 * i - 2], pushes.values[4 * at] .. ' ' .. queue)\n",
    replace: '',
  },
  {
    fault: 'the ends of jobs are not noted',
    script: 'poll',
    find: "redis.call('RPUSH', box.key, unpack(box.newEntries))",
    replace: '',
  },
  {
    fault: 'an end that its process has not told is never told',
    script: 'hand over',
    find: '(endsNow or isUntold(flow))',
    replace: 'endsNow',
  },
  {
    fault: 'an outbox is never given to another process',
    script: 'poll',
    find: 'if box.isFull and box.untilTime <= now then',
    replace: 'if box.isFull and box.untilTime == 0 then',
  },
  {
    fault: 'entries are removed before they are handed over',
    script: 'poll',
    find: '  box.entries = box.first or box.read()\n',
    replace: "  box.entries = box.first or box.read()\n  redis.call('LPOP', box.key, #box.entries)\n",
  },
];

describe('flows, while processes die between any two scripts, and scripts arrive twice', () => {
  describeFaults(runFlows, {
    promise: 'push each node once after all before it, and lose neither a node nor a callback',
    not: 'do not',
    mutants: MUTANTS,
  });
});
