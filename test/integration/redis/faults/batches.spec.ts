import { describe } from '@jest/globals';
import { describeFaults, type Mutant } from './describe-faults.js';
import { runBatches } from './batch-faults.js';

/** Deliberate faults. */
const MUTANTS: readonly Mutant[] = [
  {
    fault: 'a part that is fed again counts twice',
    script: 'feed batch',
    find: "if letter == '' or letter == '\\0' then letter, added = state, added + 1 end",
    replace: "if letter == '' or letter == '\\0' then letter = state end\n    added = added + 1",
  },
  {
    fault: 'members that may not have been pushed are not pushed again',
    script: 'feed batch',
    find: 'return { 2, time, pushedBefore, letters }',
    replace: 'return { 2, time, 1000000, letters }',
  },
  {
    fault: 'the end of all is told before the seal',
    script: 'hand over',
    find: 'hasEnded = flow.isSealed and flow.p == 0',
    replace: 'hasEnded = flow.p == 0',
  },
  {
    fault: 'members that a failure has cancelled are forgotten',
    script: 'hand over',
    find: "    if state == 'p' then holdMember(flow, node, id, result) end",
    replace: "    if state == 'p' then setState(flow, node, 'x') end",
  },
  {
    fault: 'members that run are cancelled',
    script: 'stop members',
    find: '  if flow and record and not hasStarted(id) and takeWaiting(id) then',
    replace: '  if flow and record and (takeWaiting(id) or true) then',
  },
  {
    fault: 'members that are put back are forgotten before they are pushed',
    script: 'retry batch',
    find: "    redis.call('ZADD', flow .. ':due', node, node)\n",
    replace: '',
  },
  {
    fault: 'completed members are counted as often as they are told',
    script: 'hand over',
    find: '    if letters[place] == 112 then',
    replace: '    if letters[place] == 112 or letters[place] == 99 then',
  },
  {
    fault: 'an added member is added again',
    script: 'add to batch',
    find: 'if not known then',
    replace: 'if true then',
  },
];

describe('batches, while processes die between any two scripts, and scripts arrive twice', () => {
  describeFaults(runBatches, {
    promise: 'push each member once, and lose neither a member nor a callback',
    not: 'do not',
    mutants: MUTANTS,
  });
});
