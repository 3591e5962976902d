import { describe, expect, it } from '@jest/globals';
import { composeScript } from '../../../../lib/drivers/redis/scripts/compose-script.js';
import { composeShort, tellShort, WHOLE } from '../../../../lib/drivers/redis/scripts/compose-short.js';
import { hook } from '../../../../lib/drivers/redis/scripts/hooks.js';
import { definePart, type Unused } from '../../../../lib/drivers/redis/scripts/part.js';
import { POLL_PARTS, pollScript, shortPollScript } from '../../../../lib/drivers/redis/scripts/poll.script.js';
import { integer } from '../../../../lib/drivers/redis/scripts/reply.js';

const NO_FEATURE: Unused = { meta: { feature: 'text' }, when: `S.feature == '0'` };

const base = definePart({
  name: 'base',
  keys: ['ready', 'meta'],
  args: ['word'],
  reads: `redis.call('LLEN', ready)`,
  body: `redis.call('RPUSH', ready, word)`,
  reply: { one: integer('1') },
});

const feature = definePart({
  name: 'feature',
  unused: NO_FEATURE,
  keys: ['places'],
  args: ['place'],
  body: `redis.call('SADD', places, place)`,
  reply: { two: integer('2') },
});

describe('the short form of a script', () => {
  const parts = [base, feature] as const;
  const short = composeShort('short', parts);

  it('lacks the keys, the arguments, the code and the reply of unused parts', () => {
    expect(short).toMatchObject({ keys: ['ready', 'meta'], args: ['word'] });
    expect(short.body).not.toContain('SADD');
    expect(Object.keys(short.reply)).toEqual(['code', 'last', 'one']);
  });

  it('refuses before its first write if the condition of an unused part does not hold', () => {
    expect(short.body).toContain(`if not ((S_feature == '0')) then return { ${WHOLE}, 0 } end`);
    expect(short.body.indexOf('return {')).toBeLessThan(short.body.indexOf('RPUSH'));
  });

  it('lacks code for hooks that only unused parts offer', () => {
    const offering = definePart({ name: 'offering', unused: NO_FEATURE, body: hook('mayClaim') });
    const filling = definePart({ name: 'filling', keys: ['ready'], on: { mayClaim: `redis.call('DEL', ready)` } });
    expect(composeShort('short', [offering, filling]).body).not.toContain('DEL');
  });

  it('leaves conditions of a single call out of what the whole script tells', () => {
    const inTurn = definePart({ name: 'in turn', unused: { when: 'S.isNext', isOfCall: true }, body: 'return 0' });
    expect(tellShort([...parts, inTurn]).reply.isShort.lua).toBe(`((S.feature == '0')) and 1 or 0`);
    expect(composeShort('short', [...parts, inTurn]).body).toContain(`(S_feature == '0') and (S_isNext)`);
  });

  it('lets the whole script tell when it will do', () => {
    const whole = composeScript('whole', [...parts, tellShort(parts)]);
    expect(whole.reply.isShort.lua).toBe(`((S.feature == '0')) and 1 or 0`);
    expect(whole.body).toContain(`redis.call('HMGET', meta, 'feature')`);
  });
});

describe('the short form of the poll script', () => {
  it('has no name that only the parts declare which it lacks', () => {
    const declared = (lua: string): Set<string> =>
      new Set(
        [...withoutTexts(lua).matchAll(/\b(?:local (?:function \w+\()?|local |function \w*\()([\w, ]+)/g)].flatMap(
          ([, names]) => names!.split(',').map((name) => name.trim()),
        ),
      );
    const names = [...declared(pollScript.body), ...pollScript.keys, ...pollScript.args];
    const own = new Set([...declared(shortPollScript.body), ...shortPollScript.keys, ...shortPollScript.args]);
    const used = withoutTexts(shortPollScript.body);
    const missing = names.filter((name) => !own.has(name) && new RegExp(`(?<![.\\w])${name}(?!\\w)`).test(used));
    expect(missing).toEqual([]);
    expect(names.length).toBeGreaterThan(own.size + 50);
  });

  it('lacks every part of a feature that has a mark', () => {
    const left = POLL_PARTS.filter((part) => 'unused' in part).map(({ name }) => name);
    expect(left.length).toBeGreaterThan(20);
    for (const name of left) expect(shortPollScript.body).not.toContain(`do -- ${name}\n`);
    expect(shortPollScript.body.length).toBeLessThan(pollScript.body.length / 2);
  });
});

/** Returns Lua without its texts and comments. */
function withoutTexts(lua: string): string {
  return lua.replaceAll(/--.*$/gm, '').replaceAll(/'[^'\n]*'|"[^"\n]*"/g, "''");
}
