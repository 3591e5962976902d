import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CommandError } from './command-error.js';

/** The place of the application's module. */
export interface ModuleLocation {
  readonly path: string;
  /** The name of the class, if it was given. */
  readonly exportName?: string;
}

/** The outputs of `nest build` for `src/app.module.ts`; the second if the project compiles files outside `src` too. */
const USUAL_PATHS = [join('dist', 'app.module.js'), join('dist', 'src', 'app.module.js')];
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

const HOW_TO = `Build the project first (npm run build), or say where its module is:
  queue-worker --module dist/path/to/app.module.js
or in package.json:
  "queue": { "module": "dist/path/to/app.module.js" }`;

/**
 * Finds the file of the application's module: first `given`, then the path in package.json, then the usual paths.
 *
 * @param given the value of `--module`: a path, and a class name after `#`
 * @throws CommandError with the paths that were tried
 */
export function findModule(cwd: string, given?: string): ModuleLocation {
  if (given !== undefined) return locate(cwd, cwd, given, '--module');
  const manifest = nearestManifest(cwd);
  const named = manifest && readQueueModule(manifest);
  if (named !== undefined) return locate(cwd, dirname(manifest!), named, '"queue.module" in package.json');
  const folders = new Set([cwd, ...(manifest ? [dirname(manifest)] : [])]);
  const usual = [...folders].flatMap((folder) => USUAL_PATHS.map((path) => join(folder, path)));
  const path = usual.find(isFile);
  if (path === undefined) throw notFound(cwd, usual, "The application's module was not found");
  return { path };
}

function locate(cwd: string, folder: string, given: string, where: string): ModuleLocation {
  const [, file, exportName] = /^(.+?)(?:#([\p{ID_Start}$_][\p{ID_Continue}$]*))?$/u.exec(given) ?? [];
  const base = resolve(folder, file ?? given);
  const candidates = EXTENSIONS.map((extension) => `${base}${extension}`);
  const path = candidates.find(isFile);
  if (path === undefined) throw notFound(cwd, [base], `${where} names ${given}, which was not found`);
  return exportName === undefined ? { path } : { path, exportName };
}

function notFound(cwd: string, paths: readonly string[], what: string): CommandError {
  const places = paths.map((path) => `  ${relative(cwd, path)}`);
  return new CommandError([`${what}. The command looked for it at`, ...places, HOW_TO].join('\n'));
}

function nearestManifest(folder: string): string | undefined {
  const path = join(folder, 'package.json');
  if (isFile(path)) return path;
  const above = dirname(folder);
  return above === folder ? undefined : nearestManifest(above);
}

/** Reads the key `queue.module` of a package.json, as a nested object or as one key with a dot. */
function readQueueModule(path: string): string | undefined {
  let manifest: { queue?: { module?: unknown } | null; 'queue.module'?: unknown } | null;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8')) as typeof manifest;
  } catch (cause) {
    throw new CommandError(`${path} cannot be read: ${(cause as Error).message}`, undefined, { cause });
  }
  const named = manifest?.queue?.module ?? manifest?.['queue.module'];
  if (named === undefined || (typeof named === 'string' && named !== '')) return named;
  throw new CommandError(`"queue.module" in ${path}: expected a path, got ${JSON.stringify(named)}`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
