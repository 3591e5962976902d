import { describe, expect, it } from '@jest/globals';
import { readArguments } from '../../bench/arguments.js';

const KNOWN = ['push', 'throughput', 'latency'];

describe('readArguments', () => {
  it('measures everything by default', () => {
    expect(readArguments([], KNOWN)).toMatchObject({ quick: false, assert: false, help: false, only: [] });
  });

  it('reads all of its options', () => {
    const args = ['--quick', '--assert', '--only', 'push,latency', '--json', 'out.json', '--profile', 'profiles'];
    expect(readArguments(args, KNOWN)).toMatchObject({
      quick: true,
      assert: true,
      only: ['push', 'latency'],
      json: 'out.json',
      profile: 'profiles',
    });
  });

  it('refuses an unknown measurement, and lists the known ones', () => {
    expect(() => readArguments(['--only', 'push,speed'], KNOWN)).toThrow(
      '--only: no measurement "speed"; there are push, throughput, latency',
    );
  });

  it('refuses an unknown option', () => {
    expect(() => readArguments(['--fast'], KNOWN)).toThrow("Unknown option '--fast'");
  });
});
