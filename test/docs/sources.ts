import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './docs.js';

/** Reads a source file, for facts that no running code tells. */
export function source(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** Reads all files of a folder, one after the other. */
export function sources(folder: string): string {
  const names = readdirSync(join(REPOSITORY, folder)).sort();
  return names.map((name) => source(`${folder}/${name}`)).join('\n');
}

/** Finds the names of the members that an interface itself declares. */
export function membersOf(path: string, name: string): string[] {
  const body = new RegExp(`interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(source(path))?.[1];
  if (body === undefined) throw new Error(`${path} has no interface ${name}`);
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map((match) => match[1]!);
}

/** Finds the names of the public methods and getters of a class. */
export function methodsOf(path: string, name: string): string[] {
  const body = new RegExp(`class ${name}\\b.*?\\{\\n(.*?)\\n\\}`, 's').exec(source(path))?.[1];
  if (body === undefined) throw new Error(`${path} has no class ${name}`);
  const internal = new Set(
    [...body.matchAll(/@internal\n {3}\*\/\n {2}(?:async |get )?(\w+)/g)].map((match) => match[1]!),
  );
  const names = [...body.matchAll(/^ {2}(?:async |get )*([\w$]+)(?:<[^(]*>)?\(/gm)].map((match) => match[1]!);
  const hidden = /^(constructor|on[A-Z]|before[A-Z])/;
  return [...new Set(names)].filter((method) => !hidden.test(method) && !internal.has(method));
}

/** Finds the words of a union of string literals: of the type itself, or under one key of its objects. */
export function wordsOf(path: string, type: string): string[] {
  const body = new RegExp(`type ${type} =(.*?);\\n\\n`, 's').exec(source(path))?.[1];
  if (body === undefined) throw new Error(`${path} has no type ${type}`);
  return [...body.matchAll(/(?:kind: |^|\| |= ?|\s)'([\w-]+)'/g)].map((match) => match[1]!);
}
