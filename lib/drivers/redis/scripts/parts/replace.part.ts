import { definePart } from '../part.js';

/** The length of the time of the push in front of a record. */
const TIME = 13;

/** Stands for a record that is longer than the one that it would replace. */
export const LONGER = 2;

/**
 * Replaces the record of a job that waits, if its first line is this one. It needs the parts `answer` and `take waiting jobs`
 * before it.
 *
 * `mayGrow`: 0 to leave a record alone that would become longer; the result is {@link LONGER} then.
 */
export const replace = definePart({
  name: 'replace',
  keys: ['jobs'],
  args: ['id', 'header', 'record', 'mayGrow'],
  body: `
local known = placeOf(id) and redis.call('HGET', jobs, id)
if known and string.sub(known, ${TIME + 1}, ${TIME + 1} + #header) == header .. '\\n' then
  if mayGrow == '0' and #record > #known - ${TIME} then
    S.result = ${LONGER}
  else
    redis.call('HSET', jobs, id, string.sub(known, 1, ${TIME}) .. record)
    S.result = 1
  end
end
`,
});

/** Reads the record of a job that waits. It needs the part `take waiting jobs` before it. */
export const readWaiting = definePart({
  name: 'read waiting',
  keys: ['jobs'],
  args: ['id'],
  body: `
S.record = placeOf(id) and redis.call('HGET', jobs, id)
`,
});
