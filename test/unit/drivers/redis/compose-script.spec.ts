import { describe, expect, it } from '@jest/globals';
import { composeScript } from '../../../../lib/drivers/redis/scripts/compose-script.js';
import { rarely } from '../../../../lib/drivers/redis/scripts/helpers.js';
import { hook } from '../../../../lib/drivers/redis/scripts/hooks.js';
import { definePart } from '../../../../lib/drivers/redis/scripts/part.js';
import { POLL_PARTS, pollScript } from '../../../../lib/drivers/redis/scripts/poll.script.js';
import { flag, integer, readReply } from '../../../../lib/drivers/redis/scripts/reply.js';
import { compileScript } from '../../../../lib/drivers/redis/scripts/script.js';

const first = definePart({
  name: 'first',
  keys: ['ready'],
  args: ['word'],
  numbers: ['limit'],
  reads: `S.depth = redis.call('LLEN', ready)`,
  body: `
redis.call('LPOP', ready)
${hook('mayClaim')}
${hook('claimed', 'taken')}
`,
  reply: { depth: integer('S.depth') },
});

const second = definePart({
  name: 'second',
  keys: ['ready', 'meta'],
  numbers: ['limit', 'ttl'],
  meta: { paused: 'number' },
  reads: `redis.call('HLEN', meta)`,
  on: { claimed: `redis.call('SADD', meta, unpack(ids))` },
  reply: { paused: flag('S.paused') },
});

/** The part that recovers jobs, and those that are told of it. */
const TOLD_OF_LOSSES: ReadonlySet<string> = new Set(['recover', 'losses as failures', 'group recoveries']);

describe('a composed script', () => {
  const script = composeScript('both', [first, second]);

  it('has each key and argument of its parts once', () => {
    expect(script).toMatchObject({
      keys: ['ready', 'meta'],
      args: ['word', 'limit', 'ttl'],
      numbers: ['limit', 'ttl'],
    });
  });

  it('converts the arguments that are numbers', () => {
    const { source } = compileScript(script);
    expect(source).toContain('local word = ARGV[1]\nlocal limit = tonumber(ARGV[2])\nlocal ttl = tonumber(ARGV[3])\n');
  });

  it('reads for all parts before any part acts', () => {
    const reads = ['HMGET', 'LLEN', 'HLEN'].map((command) => script.body.indexOf(command));
    expect(reads.every((at) => at > 0 && at < script.body.indexOf('LPOP'))).toBe(true);
  });

  it('puts the code of a part into the hook of another one, with the names of the hook', () => {
    expect(script.body).toMatch(/local ids = taken\n *redis.call\('SADD', meta, unpack\(ids\)\)/);
  });

  it('contains no text of a hook that no part fills', () => {
    expect(composeScript('one', [first]).body).not.toMatch(/--@|SADD|taken/);
    expect(composeScript('one', [first]).body).toContain(`redis.call('LPOP', ready)\nend`);
  });

  it('returns its reply in the order in which the client reads it', () => {
    expect(script.body).toContain('return { 1, 0, S_depth, (S_paused) and 1 or 0 }');
    expect(readReply(script.reply, [1, 0, 7, 1])).toEqual({ code: 1, last: 0, depth: 7, paused: true });
  });

  it('declares a local for each field that parts share', () => {
    const few = definePart({ name: 'few', body: `S.left = S.once`, shared: { once: '1' } });
    const { body } = composeScript('both', [few]);
    expect(body).toMatch(/^local S = {[ ]*}\nlocal S_left = nil\nlocal S_once = 1\n-- Reads/);
    expect(body).toContain('S_left = S_once');
  });

  it('keeps the fields that are used least in a table if there are too many for locals', () => {
    const names = Array.from({ length: 160 }, (_, i) => `n${i}`);
    const many = definePart({
      name: 'many',
      body: [...names.map((key) => `S.${key} = 1`), 'S.n159 = S.n159 + S.once'].join('\n'),
      shared: { once: '1' },
    });
    const { body } = composeScript('both', [many]);
    expect(body).toContain('S_n159 = S_n159 + S.once');
    expect(body).toMatch(/^local S = { once = 1 }\n/);
  });

  it('puts helpers into the rare blocks that call them, with those which they call', () => {
    const part = definePart({
      name: 'rare',
      helpers: `
-- Doubles.
local function double(x) return 2 * x end
local function unused()
  return double(0)
end
local function often()
  return 1
end
local function seldom(x)
  ${hook('ended', '{ x }', "''", 'nil')}
  return often() + double(x)
end
`,
      // The word in a comment is no call: seldom.
      body: `if S.isRare then\n  ${rarely(`\n  ${rarely('seldom(2)')}\n  -- unused\n`)}\nend\noften()`,
      on: { ended: 'double(3)' },
    });
    const { body } = composeScript('both', [part]);
    const rare = body.slice(body.indexOf('if S_isRare'), body.lastIndexOf('often()'));
    expect([...body.matchAll(/local function (\w+)/g)].map(([, called]) => called)).toEqual([
      'often',
      'double',
      'seldom',
    ]);
    expect([...rare.matchAll(/local function (\w+)/g)].map(([, called]) => called)).toEqual(['double', 'seldom']);
    expect(body).not.toContain('--@@');
  });

  it('puts numbers in the place of the names of elements', () => {
    const fields = { pair: ['left', 'right'] };
    const part = definePart({ name: 'pairs', fields, body: 'pair.right = pair.left + pair.lefts + other.pair.left' });
    expect(composeScript('pairs', [part]).body).toContain('pair[2] = pair[1] + pair.lefts + other.pair.left');
  });

  it('refuses two parts that declare the same field', () => {
    const rival = definePart({ name: 'rival', reply: { depth: integer('1') } });
    expect(() => composeScript('both', [first, rival])).toThrow('rival declares reply.depth');
  });

  it('refuses a part whose hook no part offers', () => {
    const stranger = definePart({ name: 'stranger', on: { dropped: 'x' } });
    const strange = composeScript('both', [first, stranger]);
    expect(() => strange.body).toThrow('the hook dropped of stranger');
  });
});

describe('the poll script', () => {
  it('sends no command of a part that is left out', () => {
    const without = composeScript(
      'poll',
      POLL_PARTS.filter(({ name }) => !TOLD_OF_LOSSES.has(name)),
    );
    expect(pollScript.body).toMatch(/claimedPrefix .. lost/);
    expect(without.body).not.toMatch(/claimedPrefix .. lost|takesRecovered/);
    expect(without.args).not.toContain('takesRecovered');
    expect(without.reply).not.toHaveProperty('takenOver');
  });
});
