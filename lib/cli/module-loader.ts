import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Type } from '@nestjs/common';
import { CommandError } from './command-error.js';
import { describeError } from './error-description.js';
import type { ModuleLocation } from './module-finder.js';

/** The application's module. */
export interface LoadedModule {
  readonly module: Type;
  /** The file it comes from: its packages are looked for from there. */
  readonly path: string;
}

/** What `@Module()` leaves behind on a class. */
const MODULE_METADATA = ['imports', 'providers', 'controllers', 'exports'];

/**
 * Loads the application's module, from an ES module or from a CommonJS one.
 *
 * @throws CommandError where the file cannot be loaded, or it is not clear which class is meant
 */
export async function loadModule({ path, exportName }: ModuleLocation): Promise<LoadedModule> {
  const file = relative(process.cwd(), path);
  let namespace: Readonly<Record<string, unknown>>;
  try {
    namespace = (await import(pathToFileURL(path).href)) as typeof namespace;
  } catch (cause) {
    const hint = /\.[cm]?tsx?$/.test(path)
      ? '\nIt is a source: build the project, and name the file that was built.'
      : '';
    throw new CommandError(`${file} cannot be loaded.\n${describeError(cause)}${hint}`, undefined, { cause });
  }
  return { module: chooseClass(exportsOf(namespace), exportName, file), path };
}

/** All that a file exports; of a CommonJS one also what node does not see from outside. */
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
  const problem = modules.length === 0 ? 'exports no class with @Module()' : 'exports several modules';
  throw new CommandError(`${file} ${problem}: name the class, --module ${file}#AppModule. ${listOf(exported)}`);
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function';
}

/** The module has been loaded, so Nest has, and with it what it reads metadata by. */
function isNestModule(value: unknown): value is Type {
  const { hasMetadata } = Reflect as { hasMetadata?: (key: string, target: object) => boolean };
  return isClass(value) && MODULE_METADATA.some((key) => hasMetadata?.(key, value));
}

function listOf(exported: ReadonlyMap<string, unknown>): string {
  const names = [...exported].filter(([, value]) => isClass(value)).map(([name]) => name);
  return names.length === 0 ? 'It exports no class at all.' : `It exports ${names.join(', ')}.`;
}
