import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileScript, type ScriptDefinition } from '../../../../lib/drivers/redis/scripts/script.js';
import { useRedis } from '../../../support/use-redis.js';

const FOLDER = resolve(import.meta.dirname, '../../../../lib/drivers/redis/scripts');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.script.ts'));

/** A body is made when it is first read, so an import alone does not show that a script can be made. */
describe('every script', () => {
  const redis = useRedis();

  it.each(FILES)('of %s is one that Redis takes', async (file) => {
    const exported = (await import(join(FOLDER, file))) as Readonly<Record<string, unknown>>;
    const scripts = Object.values(exported).filter(isScript);
    expect(scripts).not.toEqual([]);
    for (const script of scripts) {
      const { source, sha } = compileScript(script);
      expect(await redis.client.script('LOAD', source)).toBe(sha);
    }
  });
});

function isScript(value: unknown): value is ScriptDefinition {
  return typeof value === 'object' && value !== null && 'body' in value && 'keys' in value && 'flags' in value;
}
