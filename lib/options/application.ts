import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Check } from '../support/checks.js';

/** The name of an application whose package has none. */
const UNNAMED = 'application';

export const applicationCheck: Check<string> = {
  expected: '1 to 214 characters without white space and control characters',
  read: (value) => (typeof value === 'string' && /^[^\s\p{Cc}\p{Cs}]{1,214}$/u.test(value) ? value : undefined),
};

/**
 * Finds the name of the application: that of the package of the program that was started; if the program itself is an installed package (a
 * test runner, the command `queue-worker`), that of the working directory.
 *
 * @param program the path of the program. Default: that of this process
 */
export function applicationOfPackage(program = process.argv[1], directory = process.cwd()): string {
  const path = program === undefined ? undefined : attempt(() => realpathSync(program));
  const isInstalled = path?.split(sep).includes('node_modules') ?? true;
  const ofProgram = isInstalled ? undefined : nameAbove(dirname(path!));
  return ofProgram ?? nameAbove(directory) ?? UNNAMED;
}

/** Returns the name in the nearest `package.json` that has one. */
function nameAbove(directory: string): string | undefined {
  const file = join(directory, 'package.json');
  const text = attempt(() => readFileSync(file, 'utf8'));
  const read = text === undefined ? undefined : attempt(() => JSON.parse(text) as { readonly name?: unknown } | null);
  const name = applicationCheck.read(read?.name);
  const parent = dirname(directory);
  return name ?? (parent === directory ? undefined : nameAbove(parent));
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
