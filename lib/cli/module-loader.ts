import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Type } from '@nestjs/common';
import { CommandError } from './command-error.js';
import { describeError } from './error-description.js';
import type { ModuleLocation } from './module-finder.js';

/** The application's module. */
export interface LoadedModule {
  readonly module: Type;
  /** Its file: Node resolves the application's packages from there. */
  readonly path: string;
}

/** What to do about a file that exports no module. The main file of an application is one: it starts the application instead. */
const MODULE_FILE = `name the file that exports the application's module, --module dist/app.module.js#AppModule.
A main file (main.js) exports nothing: it starts the whole application while it loads. If the build makes one bundle of it, build the module as an entry of its own.`;

/** The metadata keys that `@Module()` sets on a class. */
const MODULE_METADATA = ['imports', 'providers', 'controllers', 'exports'];

/**
 * Loads the application's module, from an ES module or from a CommonJS one.
 *
 * @throws CommandError if the file cannot be loaded, or if it does not say which class is the module
 */
export async function loadModule({ path, exportName }: ModuleLocation): Promise<LoadedModule> {
  const file = relative(process.cwd(), path);
  let namespace: Readonly<Record<string, unknown>>;
  try {
    namespace = (await import(pathToFileURL(path).href)) as typeof namespace;
  } catch (cause) {
    const hint = /\.[cm]?tsx?$/.test(path) ? '\nIt is a source file: build the project, and name the built file.' : '';
    throw new CommandError(`${file} cannot be loaded.\n${describeError(cause)}${hint}`, undefined, { cause });
  }
  return { module: chooseClass(exportsOf(namespace), exportName, file), path };
}

/** Collects the exports of a file. Node does not detect every export of a CommonJS module, so reads its default too. */
function exportsOf({ default: main, ...named }: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const isCommonJs = typeof main === 'object' && main !== null;
  return new Map(Object.entries(isCommonJs ? { ...named, ...main } : { ...named, default: main }));
}

function chooseClass(exported: ReadonlyMap<string, unknown>, name: string | undefined, file: string): Type {
  if (name !== undefined) {
    const named = exported.get(name);
    if (isClass(named)) return named;
    throw new CommandError(`${file} exports no class ${name}. ${listOf(exported)}`);
  }
  const modules = [...new Set([...exported.values()].filter(isNestModule))];
  const main = [exported.get('AppModule'), exported.get('default')].find(isNestModule);
  if (main) return main;
  if (modules.length === 1) return modules[0]!;
  const [problem, cure] =
    modules.length === 0
      ? ['exports no class with @Module()', MODULE_FILE]
      : ['exports several modules', `name the class, --module ${file}#AppModule.`];
  throw new CommandError(`${file} ${problem}: ${cure} ${listOf(exported)}`);
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function';
}

/** Looks for the metadata of `@Module()`. The loaded file has loaded Nest, and Nest has added `Reflect.hasMetadata`. */
function isNestModule(value: unknown): value is Type {
  const { hasMetadata } = Reflect as { hasMetadata?: (key: string, target: object) => boolean };
  return isClass(value) && MODULE_METADATA.some((key) => hasMetadata?.(key, value));
}

function listOf(exported: ReadonlyMap<string, unknown>): string {
  const names = [...exported].filter(([, value]) => isClass(value)).map(([name]) => name);
  return names.length === 0 ? 'It exports no class at all.' : `It exports ${names.join(', ')}.`;
}
