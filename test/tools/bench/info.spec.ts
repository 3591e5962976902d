import { describe, expect, it } from '@jest/globals';
import { parseCommandStats, parseInfo, timeInCommands } from '../../bench/server/info.js';

const SCRIPTED = [
  '# Commandstats',
  'cmdstat_evalsha:calls=2,usec=100,usec_per_call=50.00,rejected_calls=0,failed_calls=0',
  'cmdstat_eval:calls=1,usec=30,usec_per_call=30.00,rejected_calls=0,failed_calls=0',
  'cmdstat_lpush:calls=3,usec=9,usec_per_call=3.00,rejected_calls=0,failed_calls=0',
  'cmdstat_bzpopmin:calls=1,usec=5,usec_per_call=5.00,rejected_calls=0,failed_calls=0',
  'cmdstat_config|resetstat:calls=1,usec=40,usec_per_call=40.00,rejected_calls=0,failed_calls=0',
].join('\r\n');

describe('parseInfo', () => {
  it('reads lines and skips headings', () => {
    expect(parseInfo('# Memory\r\nused_memory:1024\r\nmaxmemory_policy:noeviction\r\n')).toEqual({
      used_memory: '1024',
      maxmemory_policy: 'noeviction',
    });
  });
});

describe('parseCommandStats', () => {
  it('adds up subcommands', () => {
    const text =
      'cmdstat_client|setname:calls=1,usec=4,usec_per_call=4\r\ncmdstat_client|setinfo:calls=2,usec=6,usec_per_call=3';
    expect(parseCommandStats(text)).toEqual({ client: { calls: 3, microseconds: 10 } });
  });
});

describe('timeInCommands', () => {
  it('counts the commands of a script once, as part of the script', () => {
    expect(timeInCommands(parseCommandStats(SCRIPTED))).toBe(135);
  });

  it('counts every command of a system without scripts, except commands of the benchmark', () => {
    const text = SCRIPTED.split('\r\n').filter((line) => !line.includes('_eval'));
    expect(timeInCommands(parseCommandStats(text.join('\r\n')))).toBe(14);
  });
});
