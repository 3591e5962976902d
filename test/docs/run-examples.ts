import { afterAll } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { swcOptions } from '../support/swc-options.mjs';
import { fixtures, readmeExamples } from './examples.js';
import { REPOSITORY } from './readme.js';

/** Compiled files lie where git, the linter and jest do not look, and where packages are found. */
const CACHE = join(REPOSITORY, 'node_modules/.cache');

/** Gives the tests of a file the README's examples to run; what it wrote is removed after them. */
export class RunnableExamples {
  private readonly folder: string;

  constructor() {
    mkdirSync(CACHE, { recursive: true });
    this.folder = mkdtempSync(join(CACHE, 'readme-'));
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }');
    for (const { name, text } of [...fixtures(), ...readmeExamples()]) {
      const { code } = transformSync(text, { ...swcOptions, sourceMaps: false, filename: name });
      writeFileSync(join(this.folder, name.replace(/ts$/, 'js')), code);
    }
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** @param name of the file, such as `send-email.job` */
  load<T>(name: string): Promise<T> {
    return import(join(this.folder, `${name}.js`)) as Promise<T>;
  }

  /** Runs a block that is no file of its own, with what its prelude says. */
  async run(name: string, ...args: readonly unknown[]): Promise<void> {
    const { default: block } = await this.load<{ default: (...values: readonly unknown[]) => Promise<void> }>(name);
    await block(...args);
  }
}
