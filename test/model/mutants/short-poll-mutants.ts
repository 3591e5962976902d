import { inFile } from './in-file.js';

const inParts = (part: string) => inFile('redis', `lib/drivers/redis/scripts/parts/${part}.part.ts`);

/** Faults of the short form of the poll script: it does what only the whole script may do. */
export const SHORT_POLL_MUTANTS = [
  inParts('polls')(
    'a short poll that arrives again is executed again',
    "const NEXT: Unused = { when: 'number == S.last + 1 and S.expiry ~= 0', isOfCall: true };",
    "const NEXT: Unused = { when: 'number <= S.last + 1 and S.expiry ~= 0', isOfCall: true };",
  ),
  inParts('wake')(
    'a marker is not set where none is',
    `if not S.isMarked then redis.call('ZADD', marker, '0', '0') end`,
    `if S.isMarked then redis.call('ZADD', marker, '0', '0') end`,
  ),
  inParts('wake')(
    'a marker stays where no job waits',
    'elseif quiet and S.isMarked then',
    'elseif quiet and not S.isMarked then',
  ),
  inParts('traits')(
    'a short poll does not look for jobs with traits',
    "export const NO_TRAITS: Unused = { meta: { traits: 'text' }, when: `S.traits == '${MAY_HAVE.nothing}'` };",
    "export const NO_TRAITS: Unused = { meta: { traits: 'text' }, when: 'true' };",
  ),
  inParts('traits')(
    'a ranked poll does not look for jobs with other traits',
    "when: `S.traits == '${MAY_HAVE.nothing}' or S.traits == '${MAY_HAVE.priority}'`,",
    "when: 'true',",
  ),
  inParts('notes')(
    'a short poll does not look for notes',
    "export const NO_NOTES: Unused = { meta: { notes: 'text' }, when: `S.notes == '0' and not S.told` };",
    "export const NO_NOTES: Unused = { meta: { notes: 'text' }, when: 'true' };",
  ),
  inParts('limits')(
    'a short poll does not look for limits',
    "export const NO_LIMITS: Unused = { meta: { limits: 'text' }, when: `S.limits == '0'` };",
    "export const NO_LIMITS: Unused = { meta: { limits: 'text' }, when: 'true' };",
  ),
  inParts('stale')(
    'a short poll does not look for stale elements',
    "const NONE_STALE: Unused = { meta: { gone: 'text' }, when: `S.gone == '0'` };",
    "const NONE_STALE: Unused = { meta: { gone: 'text' }, when: 'true' };",
  ),
  inParts('cancelled')(
    'a short poll does not look for cancelled jobs',
    "const NONE_CANCELLED: Unused = { meta: { cancels: 'text' }, when: `S.cancels == '0'` };",
    "const NONE_CANCELLED: Unused = { meta: { cancels: 'text' }, when: 'true' };",
  ),
];
