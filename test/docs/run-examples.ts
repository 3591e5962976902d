import { afterAll } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { swcOptions } from '../support/swc-options.mjs';
import { REPOSITORY } from './docs.js';
import { docExamples, exampleName, fixtures } from './examples.js';

/** The folder of the compiled files: git, the linter and jest ignore it, and Node finds packages from it. */
const CACHE = join(REPOSITORY, 'node_modules/.cache');

/** Compiles the examples in the documents, so that the tests of a file can run them. Removes its files after the tests. */
export class RunnableExamples {
  private readonly folder: string;

  constructor() {
    mkdirSync(CACHE, { recursive: true });
    this.folder = mkdtempSync(join(CACHE, 'docs-'));
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }');
    for (const { name, text } of [...fixtures(), ...docExamples()]) {
      const { code } = transformSync(text, { ...swcOptions, sourceMaps: false, filename: name });
      writeFileSync(join(this.folder, name.replace(/ts$/, 'js')), code);
    }
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** @param name of the file, such as `send-email.job` */
  load<T>(name: string): Promise<T> {
    return import(join(this.folder, `${name}.js`)) as Promise<T>;
  }

  /** Runs a block that is no file of its own, with the arguments for the parameters of its prelude. */
  async run(file: string, key: string, ...args: readonly unknown[]): Promise<void> {
    type Runnable = { default: (...values: readonly unknown[]) => Promise<void> };
    const { default: block } = await this.load<Runnable>(exampleName(file, key));
    await block(...args);
  }
}
