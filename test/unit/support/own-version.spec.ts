import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ownVersion } from '../../../lib/support/own-version.js';

describe('ownVersion', () => {
  it('is the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(ownVersion()).toBe(version);
  });
});

describe('the library', () => {
  it('has no import.meta, which CommonJS tests of applications could not load', () => {
    const files = readdirSync('lib', { recursive: true }) as string[];
    const sources = files.filter((file) => file.endsWith('.ts') && !file.startsWith('cli'));
    const code = sources.map((file) => readFileSync(join('lib', file), 'utf8').replaceAll(/\/\*.*?\*\/|\/\/.*/gs, ''));
    expect(sources.length).toBeGreaterThan(300);
    expect(sources.filter((_, at) => code[at]!.includes('import.meta'))).toEqual([]);
  });
});
