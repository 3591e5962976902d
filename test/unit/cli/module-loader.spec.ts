import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { CommandError } from '../../../lib/cli/command-error.js';
import { loadModule } from '../../../lib/cli/module-loader.js';

describe.each([
  { format: 'an ES module', type: 'module' },
  { format: 'a CommonJS module', type: 'commonjs' },
])('loadModule, from $format', ({ type }) => {
  let folder: string;
  let number = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-loader-'));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    number++;
  });

  /** Writes a file that exports classes. Keys are export names, values class names; a class with an M in its name is a module. */
  const write = async (exported: Record<string, string>): Promise<string> => {
    const names = [...new Set(Object.values(exported))];
    const classLines = names.map((name) => `class ${name} {}`);
    // Sets the metadata of `@Module({ imports: [] })`.
    const moduleLines = names
      .filter((name) => name.includes('M'))
      .map((name) => `Reflect.defineMetadata('imports', [], ${name});`);
    const path = join(folder, `file-${number}.js`);
    const exportLines = Object.entries(exported).map(([as, name]) =>
      type === 'module' ? `export { ${name} as ${as} };` : `exports['${as}'] = ${name};`,
    );
    await writeFile(path, [...classLines, ...moduleLines, ...exportLines].join('\n'));
    return path;
  };
  const loaded = async (exported: Record<string, string>, exportName?: string): Promise<string> =>
    (await loadModule({ path: await write(exported), exportName })).module.name;
  const failure = async (exported: Record<string, string>, exportName?: string): Promise<string> => {
    const error = await loaded(exported, exportName).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    return (error as CommandError).message;
  };

  test('takes the named class', async () => {
    expect(await loaded({ AppModule: 'AppM', WorkerModule: 'WorkerM' }, 'WorkerModule')).toBe('WorkerM');
  });

  test('takes AppModule before the default export', async () => {
    expect(await loaded({ default: 'MainM', AppModule: 'AppM' })).toBe('AppM');
  });

  test('takes the default export before others', async () => {
    expect(await loaded({ default: 'MainM', OtherModule: 'OtherM' })).toBe('MainM');
  });

  test('takes the only module of the file', async () => {
    expect(await loaded({ default: 'bootstrap', WorkerModule: 'WorkerM', Service: 'Service' })).toBe('WorkerM');
  });

  test('counts a module that is exported twice as one', async () => {
    expect(await loaded({ WorkerModule: 'WorkerM', RootModule: 'WorkerM' })).toBe('WorkerM');
  });

  test('refuses a name that is no exported class, and lists the classes', async () => {
    expect(await failure({ AppModule: 'AppM', Service: 'Service' }, 'WorkerModule')).toMatch(
      /file-\d+\.js exports no class WorkerModule\. It exports AppModule, Service\.$/,
    );
  });

  test('refuses a file without a module', async () => {
    expect(await failure({ Service: 'Service' })).toMatch(
      /exports no class with @Module\(\): name the file that exports [^]*A main file \(main\.js\) exports nothing[^]* It exports Service\.$/,
    );
    number++;
    expect(await failure({})).toMatch(/It exports no class at all\.$/);
  });

  test('refuses to choose between several modules', async () => {
    expect(await failure({ OneModule: 'OneM', TwoModule: 'TwoM' })).toMatch(
      /exports several modules: .*It exports OneModule, TwoModule\.$/,
    );
  });

  test('names the reason and the place if the file cannot be loaded', async () => {
    const path = join(folder, `file-${number}.js`);
    await writeFile(path, "\nthrow new TypeError('not today');");
    const error = await loadModule({ path }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).message).toMatch(
      /file-\d+\.js cannot be loaded\.\nTypeError: not today\n {4}at \S*file-\d+\.js:2:7$/,
    );
  });
});
