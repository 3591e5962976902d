import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { readDocs, REPOSITORY } from './docs.js';
import { ExampleProgram } from './example-program.js';
import { docExamples, exampleName, fixtures, PRELUDES } from './examples.js';
import { optionTypes } from './option-types.js';

describe('the code in the documents', () => {
  const examples = docExamples();
  let program: ExampleProgram;

  it('compiles, and every option has the type that its table gives', () => {
    program = new ExampleProgram([...examples, ...optionTypes()]);
    expect(program.diagnose()).toEqual([]);
  }, 60_000);

  it('has no name of the type any, which the compiler does not check', () => {
    expect(program.findAny()).toEqual([]);
  });

  it('has no two blocks of one file name, and no prelude or fixture that is not in use', () => {
    const names = examples.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const preludes = Object.entries(PRELUDES).flatMap(([file, keys]) =>
      Object.keys(keys).map((key) => `${exampleName(file, key)}.ts`),
    );
    expect(names).toEqual(expect.arrayContaining(preludes));
    const text = [...examples, ...fixtures()].map((file) => file.text).join('\n');
    const unused = fixtures().filter(({ name }) => !text.includes(`./${name.replace(/ts$/, 'js')}'`));
    expect(unused).toEqual([]);
    expect(names.filter((name) => fixtures().some((fixture) => fixture.name === name))).toEqual([]);
  });

  it('is run by a test file if it is a test', () => {
    const folder = join(REPOSITORY, 'test/docs/testing');
    const loaded = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const tests = examples.filter(({ name }) => name.endsWith('spec.ts')).map(({ name }) => name.replace(/\.ts$/, ''));
    expect(tests.length).toBeGreaterThan(5);
    expect(tests.filter((name) => !loaded.includes(`load('${name}')`))).toEqual([]);
  });
});

/** Code of packages that are not installed here, and code from before a move to this library. */
describe('the code of other packages in the documents', () => {
  it.each(['js', 'ts before'])('has no syntax error: %s', (lang) => {
    const blocks = readDocs().blocks.filter((block) => block.lang === lang);
    expect(blocks.length).toBeGreaterThan(1);
    const errors = blocks.flatMap(({ file, line, text }) => {
      const { diagnostics = [] } = ts.transpileModule(text, {
        reportDiagnostics: true,
        compilerOptions: { experimentalDecorators: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext },
      });
      return diagnostics.map(
        ({ messageText }) => `${file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    });
    expect(errors).toEqual([]);
  });
});
