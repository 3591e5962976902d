import { transform, version } from '@swc/core';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { swcOptions } from './swc-options.mjs';

/** What was compiled stays for the next processes: to compile the library takes longer than to load it. */
const CACHE = join(tmpdir(), 'nestjs-job-queue-compiled');
const RELATIVE = /^\.{1,2}\/.*\.js$/;
const OPTIONS = `${version} ${JSON.stringify(swcOptions)}`;

/** The module hooks of `typescript.mjs`: they resolve an import of `./x.js` to `./x.ts`, and compile it with swc. */
export async function resolve(specifier, context, next) {
  if (RELATIVE.test(specifier) && context.parentURL?.endsWith('.ts')) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    // Most imports are of TypeScript: to fail for each of them first takes half of the time.
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = await compiled(fileURLToPath(url));
  return { format: 'module', source, shortCircuit: true };
}

async function compiled(filename) {
  const text = await readFile(filename, 'utf8');
  const path = join(CACHE, createHash('sha256').update(OPTIONS).update(filename).update(text).digest('hex'));
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined) return known;
  const { code } = await transform(text, { ...swcOptions, filename });
  // Other processes never see a part of it.
  await mkdir(CACHE, { recursive: true });
  await writeFile(`${path}.${process.pid}`, code);
  await rename(`${path}.${process.pid}`, path);
  return code;
}
