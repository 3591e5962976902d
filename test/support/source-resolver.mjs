import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Finds the TypeScript source of a relative import that ends in `.js`. Jest asks once for a name and a folder, and remembers the
 * answer; what a pattern of `moduleNameMapper` matches, it would look up for each import of each test file.
 */
export function sync(name, options) {
  if (name.startsWith('.') && name.endsWith('.js') && !options.basedir.includes('/node_modules/')) {
    const source = resolve(options.basedir, `${name.slice(0, -'.js'.length)}.ts`);
    if (existsSync(source)) return source;
  }
  return options.defaultResolver(name, options);
}
