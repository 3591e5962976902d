import { describe, expect, it } from '@jest/globals';
import { ExampleProgram } from './example-program.js';
import { fixtures, PRELUDES, readmeExamples } from './examples.js';
import { optionTypes } from './option-types.js';

describe('the code in the README', () => {
  const examples = readmeExamples();
  let program: ExampleProgram;

  it('compiles, and the types in the tables of options are those of the options', () => {
    program = new ExampleProgram([...examples, ...optionTypes()]);
    expect(program.diagnose()).toEqual([]);
  }, 60_000);

  it('is checked in every place: nothing has the type any', () => {
    expect(program.findAny()).toEqual([]);
  });

  it('is all there is: no two blocks are one file, and no prelude or fixture is left over', () => {
    const names = examples.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(Object.keys(PRELUDES).map((key) => `${key}.ts`)));
    const text = [...examples, ...fixtures()].map((file) => file.text).join('\n');
    const unused = fixtures().filter(({ name }) => !text.includes(`./${name.replace(/ts$/, 'js')}'`));
    expect(unused).toEqual([]);
    expect(names.filter((name) => fixtures().some((fixture) => fixture.name === name))).toEqual([]);
  });
});
