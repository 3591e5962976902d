import { definePart } from '../part.js';

/**
 * Keeps the answer to a request for a while, so that a copy of the request gets the answer again, and changes nothing. It stands
 * in front of the parts that act; {@link keepAnswer} stands behind them.
 */
export const answer = definePart({
  name: 'answer',
  keys: ['answer'],
  shared: { result: '0' },
  body: `
local told = redis.call('GET', answer)
if told then return tonumber(told) end
`,
});

export const keepAnswer = definePart({
  name: 'keep the answer',
  keys: ['answer'],
  args: ['answerTtl'],
  body: `
redis.call('SET', answer, S.result, 'PX', answerTtl)
`,
});
