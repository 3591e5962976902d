import { describe, expect, it } from '@jest/globals';
import * as library from 'nestjs-job-queue';
import { CommandError } from '../../../lib/cli/command-error.js';
import { UnserializableValueError } from '../../../lib/job/payload-serializer.js';

const errors = Object.entries({ ...library, CommandError, UnserializableValueError } as Record<string, unknown>).filter(
  (entry): entry is [string, new (...args: unknown[]) => Error] => {
    const value = entry[1];
    return typeof value === 'function' && value.prototype instanceof Error;
  },
);

describe('the name of an error', () => {
  it.each(errors)('is %s, also if a minifier has renamed its class', (name, type) => {
    const e = class e extends type {};
    const conflict = { id: '1', asked: { name: 'A', queue: 'a' }, found: { queue: 'b' } };
    const special = { JobIdConflictError: [[conflict]], PayloadInvalidError: ['a', []] }[name];
    const args = special ?? ['a', ['b'], 'c'];
    expect(new e(...args).name).toBe(name);
  });
});
