import { describe, expect, it } from '@jest/globals';
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

  it('has no name of the type any, which the compiler would not check', () => {
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
});
