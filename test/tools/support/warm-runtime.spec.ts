import { SourceTextModule, compileFunction } from 'node:vm';
import { describe, expect, it } from '@jest/globals';

const asked: string[] = [];

const answering = (name: string) => ({
  importModuleDynamically: () => {
    asked.push(name);
    throw new Error(`asked ${name}`);
  },
});

type Load = () => Promise<unknown>;

async function loadOfModule(source: string, name: string): Promise<Load> {
  const module = new SourceTextModule(source, answering(name));
  await module.link(() => Promise.reject(new Error('imports nothing')));
  await module.evaluate();
  return (module.namespace as { load: Load }).load;
}

describe('code that is kept from one test file to the next', () => {
  it('makes a new instance of a module each time', async () => {
    const source = 'let calls = 0; export const load = async () => ++calls;';
    const [first, second] = [await loadOfModule(source, 'first'), await loadOfModule(source, 'second')];
    expect([await first(), await first(), await second()]).toEqual([1, 2, 1]);
  });

  it('imports at run time by the loader of its own file', async () => {
    const source = 'export const load = () => import("anything");';
    await loadOfModule(source, 'first');
    await expect((await loadOfModule(source, 'second'))()).rejects.toThrow('asked second');

    const body = 'return () => import("anything");';
    compileFunction(body, [], answering('third'));
    const load = (compileFunction(body, [], answering('fourth')) as () => Load)();
    await expect(load()).rejects.toThrow('asked fourth');
    expect(asked).toEqual(['second', 'fourth']);
  });
});
