import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { InvalidOptionError } from '../queue.errors.js';
import { boolean, type Check } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';

/** A guard: its class, which Nest makes, or an instance. */
export type BoardGuard = Type<CanActivate> | CanActivate;

/** The options of the board. */
export interface QueueBoardOptions {
  /** The path of the board, below the global prefix of the application. Default: `queues`. */
  readonly path?: string;
  /**
   * The guards of every request to the board; all have to let it in. They come behind the global guards of the application. `false`: none,
   * because something else keeps others away. Default: none; then the application does not start in production.
   */
  readonly guards?: readonly BoardGuard[] | false;
  /** The modules that export the providers which the guards inject. Default: none. */
  readonly imports?: ModuleMetadata['imports'];
  /** The title of the pages. Default: `Queues`. */
  readonly title?: string;
  /** True for a board that shows everything and changes nothing. Default: false. */
  readonly readOnly?: boolean;
}

/** {@link QueueBoardOptions}, checked. */
export interface CheckedBoardOptions {
  /** Without slashes at its ends. */
  readonly path: string;
  readonly guards: readonly BoardGuard[];
  /** Whether `guards: false` was said. */
  readonly isOpen: boolean;
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  readonly title: string;
  readonly readOnly: boolean;
}

const OPTIONS = [
  'path',
  'guards',
  'imports',
  'title',
  'readOnly',
] as const satisfies readonly (keyof QueueBoardOptions)[];
const DEFAULT_PATH = 'queues';
const DEFAULT_TITLE = 'Queues';

/** Letters that mean nothing to a router, and that no client encodes. */
const PATH = /^\/?([\w.~-]+(?:\/[\w.~-]+)*)\/?$/;

const pathCheck: Check<string> = {
  expected: 'a path such as "admin/queues"',
  read: (value) => (typeof value === 'string' ? PATH.exec(value)?.[1] : undefined),
};

const guardsCheck: Check<readonly BoardGuard[] | false> = {
  expected: 'a list of guards (classes or instances), or false',
  read: (value) => {
    if (value === false) return false;
    return Array.isArray(value) && value.every(isGuard) ? (value as readonly BoardGuard[]) : undefined;
  },
};

const importsCheck: Check<NonNullable<ModuleMetadata['imports']>> = {
  expected: 'a list of modules',
  read: (value) => (Array.isArray(value) ? (value as NonNullable<ModuleMetadata['imports']>) : undefined),
};

const titleCheck: Check<string> = {
  expected: 'a text that is not empty',
  read: (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
};

/** @throws InvalidOptionError */
export function readBoardOptions(options: QueueBoardOptions): CheckedBoardOptions {
  const given = OptionReader.of(options, 'board');
  given.refuseOthers(OPTIONS);
  const guards = given.get('guards', guardsCheck) ?? [];
  return {
    path: given.get('path', pathCheck) ?? DEFAULT_PATH,
    guards: guards || [],
    isOpen: guards === false,
    imports: given.get('imports', importsCheck) ?? [],
    title: given.get('title', titleCheck) ?? DEFAULT_TITLE,
    readOnly: given.get('readOnly', boolean) ?? false,
  };
}

/**
 * Refuses a board that everybody may use in production.
 *
 * @param environment `NODE_ENV`
 * @returns false if everybody may use it, and nobody has said that this is right
 * @throws InvalidOptionError
 */
export function assertGuarded({ guards, isOpen }: CheckedBoardOptions, environment: string | undefined): boolean {
  if (guards.length > 0 || isOpen) return true;
  if (environment !== 'production') return false;
  throw new InvalidOptionError(
    'board.guards',
    'guards in production, such as [AdminGuard] (or false, if something else keeps others away from the board)',
    undefined,
  );
}

function isGuard(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return typeof (value as Partial<CanActivate> | null)?.canActivate === 'function';
}
