import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEnvFile } from '../../../lib/cli/env-file.js';

describe('loadEnvFile', () => {
  let cwd: string;

  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-env-'));
  });
  afterEach(async () => {
    await rm(cwd, { recursive: true });
  });

  test('sets the variables of .env, except those that are set already', async () => {
    await writeFile(join(cwd, '.env'), 'A=1 # one\nB="two words"\nC=3\n');
    const env: NodeJS.ProcessEnv = { B: '', C: 'kept' };
    loadEnvFile(cwd, undefined, env);
    expect(env).toEqual({ A: '1', B: '', C: 'kept' });
  });

  test('sets nothing if .env is missing or is a folder', async () => {
    const env: NodeJS.ProcessEnv = {};
    loadEnvFile(cwd, undefined, env);
    await mkdir(join(cwd, '.env'));
    loadEnvFile(cwd, undefined, env);
    expect(env).toEqual({});
  });

  test('reads the named file in place of .env', async () => {
    await writeFile(join(cwd, '.env'), 'A=1');
    await writeFile(join(cwd, 'worker.env'), 'B=2');
    const env: NodeJS.ProcessEnv = {};
    loadEnvFile(cwd, 'worker.env', env);
    expect(env).toEqual({ B: '2' });
  });

  test('throws if the named file is missing', () => {
    expect(() => loadEnvFile(cwd, 'gone.env', {})).toThrow(/^--env-file gone\.env cannot be read: ENOENT/);
  });
});
