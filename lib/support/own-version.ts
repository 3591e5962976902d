import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ownFolder } from './own-frames.js';

let version: string | undefined;

/** Returns the version in the package.json of this library; `unknown` if it is not beside it: in a bundle. */
export function ownVersion(): string {
  return (version ??= read());
}

function read(): string {
  try {
    const folder = ownFolder!.startsWith('file:') ? ownFolder! : pathToFileURL(ownFolder!);
    const manifest = readFileSync(new URL('../package.json', folder), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  } catch {
    return 'unknown';
  }
}
