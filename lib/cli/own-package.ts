import { readFileSync } from 'node:fs';

/** Reads the version in the package.json of this library. */
export function ownVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
