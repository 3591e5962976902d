import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './readme.js';

/** What the library's source says, where nothing that runs does. */
export function source(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** The sources of all files of a folder, one after the other. */
export function sources(folder: string): string {
  const names = readdirSync(join(REPOSITORY, folder)).sort();
  return names.map((name) => source(`${folder}/${name}`)).join('\n');
}

/** The names of the members that an interface has itself. */
export function membersOf(path: string, name: string): string[] {
  const body = new RegExp(`interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(source(path))?.[1];
  if (body === undefined) throw new Error(`${path} has no interface ${name}`);
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map((match) => match[1]!);
}

/** The names of the methods and getters of a class that are there for its users. */
export function methodsOf(path: string, name: string): string[] {
  const body = new RegExp(`class ${name}\\b.*?\\{\\n(.*?)\\n\\}`, 's').exec(source(path))?.[1];
  if (body === undefined) throw new Error(`${path} has no class ${name}`);
  const internal = new Set([...body.matchAll(/@internal\n {3}\*\/\n {2}(?:async )?(\w+)/g)].map((match) => match[1]!));
  const names = [...body.matchAll(/^ {2}(?:async |get )*([\w$]+)(?:<[^(]*>)?\(/gm)].map((match) => match[1]!);
  const hidden = /^(constructor|on[A-Z]|before[A-Z])/;
  return [...new Set(names)].filter((method) => !hidden.test(method) && !internal.has(method));
}

/** The words of a union of texts: of the type itself, or under one key of its objects. */
export function wordsOf(path: string, type: string): string[] {
  const body = new RegExp(`type ${type} =(.*?);\\n\\n`, 's').exec(source(path))?.[1];
  if (body === undefined) throw new Error(`${path} has no type ${type}`);
  return [...body.matchAll(/(?:kind: |^|\| |= ?|\s)'([\w-]+)'/g)].map((match) => match[1]!);
}
