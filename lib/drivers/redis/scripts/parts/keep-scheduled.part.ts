import { MEMBER_KNOWN_FOR } from '../../../queue-flows.interface.js';
import { traitPattern } from '../../trait-codec.js';
import { definePart } from '../part.js';
import { PRIORITIES_ALONE } from './traits.part.js';

/**
 * Keeps the status of a job of a schedule for a while in any case: its push may arrive again. If jobs of a queue are known for less time than
 * that, and such a job or a member of a flow is among them, `S.mayStayKnown` says that each completed job has to be looked at. It needs the part `traits` before it, and the
 * part `forget traits` behind it.
 */
export const keepScheduled = definePart({
  name: 'keep scheduled',
  unused: PRIORITIES_ALONE,
  args: ['completedTtl'],
  on: {
    freed: `
S.mayStayKnown = traitTexts[true] and tonumber(completedTtl) < ${MEMBER_KNOWN_FOR}
`,
    statusTime: `
if S.hasTraits and tonumber(ttl) < ${MEMBER_KNOWN_FOR} and traitOf(id, '${traitPattern('isScheduled')}') then ttl = '${MEMBER_KNOWN_FOR}' end
`,
  },
});
