import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codeIn, readDocs, REPOSITORY } from '../docs/docs.js';

const MAP = 'test/README.md';
const docs = readDocs();

/** Lists the files below a folder of the repository, with their paths in it. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name).slice(REPOSITORY.length));
}

/** Returns whether a path is the file itself or a folder above it. */
function covers(path: string, file: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}

describe('the table "I change X, the test is in Y"', () => {
  const rows = docs.table(MAP, 'I change X, the test is in Y', 'I change');
  const changed = rows.flatMap(([first]) => codeIn(first!));
  const tests = rows.flatMap(([, ...others]) => others.flatMap((cell) => codeIn(cell)));

  it('names only paths that exist', () => {
    expect(changed.length).toBeGreaterThan(40);
    expect(tests.length).toBeGreaterThan(80);
    expect([...changed, ...tests].filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('has at least one test in each row', () => {
    expect(rows.filter(([, ...others]) => codeIn(others.join(' ')).length === 0)).toEqual([]);
  });

  it('has a row for each folder of lib with code', () => {
    const sources = filesBelow('lib').filter((file) => file.endsWith('.ts'));
    const folders = new Set(sources.map((file) => file.slice(0, file.lastIndexOf('/'))));
    folders.delete('lib');
    expect(folders.size).toBeGreaterThan(12);
    expect([...folders].filter((folder) => !changed.includes(folder))).toEqual([]);
  });

  it('names each unit, contract, integration and end-to-end test, by its file or a folder above it', () => {
    const specs = filesBelow('test').filter((file) =>
      /^test\/(unit|contract|integration|e2e)\/.*\.spec\.ts$/.test(file),
    );
    expect(specs.length).toBeGreaterThan(100);
    expect(specs.filter((file) => !tests.some((path) => covers(path, file)))).toEqual([]);
  });
});

describe('the table of folders', () => {
  const folders = docs.table(MAP, 'Folders', 'folder').flatMap(([first]) => codeIn(first!));

  it('names only folders that exist', () => {
    expect(folders.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('has a row for each folder of test, or for each folder in it', () => {
    const files = filesBelow('test').filter((file) => file.endsWith('.ts'));
    expect(files.filter((file) => !folders.some((folder) => covers(folder, file)))).toEqual([]);
  });
});
