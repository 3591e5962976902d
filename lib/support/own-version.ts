import { readFileSync } from 'node:fs';

let version: string | undefined;

/** Returns the version in the package.json of this library; `unknown` if it is not beside it: in a bundle. */
export function ownVersion(): string {
  return (version ??= read());
}

function read(): string {
  try {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  } catch {
    return 'unknown';
  }
}
