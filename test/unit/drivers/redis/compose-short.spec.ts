import { describe, expect, it } from '@jest/globals';
import { composeScript } from '../../../../lib/drivers/redis/scripts/compose-script.js';
import { composeShort, tellShort, WHOLE } from '../../../../lib/drivers/redis/scripts/compose-short.js';
import { hook } from '../../../../lib/drivers/redis/scripts/hooks.js';
import { definePart, type Unused } from '../../../../lib/drivers/redis/scripts/part.js';
import { NO_TRAITS } from '../../../../lib/drivers/redis/scripts/parts/traits.part.js';
import {
  POLL_PARTS,
  pollScript,
  rankedPollScript,
  shortPollScript,
} from '../../../../lib/drivers/redis/scripts/poll.script.js';
import { integer } from '../../../../lib/drivers/redis/scripts/reply.js';

const NO_FEATURE: Unused = { meta: { feature: 'text' }, when: `S.feature == '0'` };
const NO_OTHER: Unused = { meta: { other: 'text' }, when: `S.other == '0'` };
const SHORT = { uses: [] };

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
  const short = composeShort('short', parts, SHORT);

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
    expect(composeShort('short', [offering, filling], SHORT).body).not.toContain('DEL');
  });

  it('leaves conditions of a single call out of what the whole script tells', () => {
    const inTurn = definePart({ name: 'in turn', unused: { when: 'S.isNext', isOfCall: true }, body: 'return 0' });
    expect(tellShort([...parts, inTurn], [SHORT]).reply.form.lua).toBe(`(S.feature == '0') and 1 or 0`);
    expect(composeShort('short', [...parts, inTurn], SHORT).body).toContain(`(S_feature == '0') and (S_isNext)`);
  });

  it('has the parts for which conditions need not hold', () => {
    const other = definePart({ name: 'other', unused: NO_OTHER, body: `redis.call('PING')` });
    const both = definePart({ name: 'both', unused: [NO_FEATURE, NO_OTHER], body: `redis.call('ECHO', word)` });
    const all = [...parts, other, both] as const;
    const middle = { uses: [NO_OTHER] };
    const { body } = composeShort('middle', all, middle);
    expect(body).toContain(`if not ((S_feature == '0')) then return`);
    expect(body).not.toContain('SADD');
    expect(body).toContain('PING');
    // A part with two conditions is left out only where both have to hold.
    expect(body).toContain('ECHO');
    expect(composeShort('short', all, SHORT).body).not.toContain('ECHO');
    expect(tellShort(all, [SHORT, middle]).reply.form.lua).toBe(
      `(S.feature == '0') and (S.other == '0') and 1 or (S.feature == '0') and 2 or 0`,
    );
  });

  it('lets the whole script tell when it will do', () => {
    const whole = composeScript('whole', [...parts, tellShort(parts, [SHORT])]);
    expect(whole.reply.form.lua).toBe(`(S.feature == '0') and 1 or 0`);
    expect(whole.body).toContain(`redis.call('HMGET', meta, 'feature')`);
  });
});

describe('the short forms of the poll script', () => {
  const forms = [shortPollScript, rankedPollScript] as const;

  it.each(forms)('have no name that only the parts declare which they lack: $name', (form) => {
    const declared = (lua: string): Set<string> =>
      new Set(
        [...withoutTexts(lua).matchAll(/\b(?:local (?:function \w+\()?|local |function \w*\()([\w, ]+)/g)].flatMap(
          ([, names]) => names!.split(',').map((name) => name.trim()),
        ),
      );
    const names = [...declared(pollScript.body), ...pollScript.keys, ...pollScript.args];
    const own = new Set([...declared(form.body), ...form.keys, ...form.args]);
    const used = withoutTexts(form.body);
    const missing = names.filter((name) => !own.has(name) && new RegExp(`(?<![.\\w])${name}(?!\\w)`).test(used));
    expect(missing).toEqual([]);
    expect(names.length).toBeGreaterThan(own.size + 50);
  });

  it('lack the parts of features that their queues do without', () => {
    const left = POLL_PARTS.filter((part) => 'unused' in part);
    expect(left.length).toBeGreaterThan(20);
    for (const { name } of left) expect(shortPollScript.body).not.toContain(`do -- ${name}\n`);
    expect(shortPollScript.body.length).toBeLessThan(pollScript.body.length / 2);
    const ranked = left.filter((part) => 'body' in part && [part.unused].flat().includes(NO_TRAITS));
    expect(ranked.map(({ name }) => name)).toEqual(['claim by priority', 'forget traits']);
    for (const { name } of left) {
      if (ranked.some((part) => part.name === name)) expect(rankedPollScript.body).toContain(`do -- ${name}\n`);
      else expect(rankedPollScript.body).not.toContain(`do -- ${name}\n`);
    }
  });
});

/** Returns Lua without its texts and comments. */
function withoutTexts(lua: string): string {
  return lua.replaceAll(/--.*$/gm, '').replaceAll(/'[^'\n]*'|"[^"\n]*"/g, "''");
}
