import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { CommandError } from './command-error.js';
import type { LoadedModule } from './module-loader.js';

/** The classes that Nest provides to every module. If one of them is missing, the application has another copy of Nest. */
const ALWAYS_PROVIDED =
  /^_?(ModuleRef|ModulesContainer|Reflector|HttpAdapterHost|ApplicationConfig|LazyModuleLoader)\d*$/;

/** A text that only the code of this library contains. */
const LIBRARY_CODE = 'nestjs-job-queue:ResolvedQueueOptions';

const BUNDLE_CURE = `Build the module as an entry of its own that leaves packages out of the bundle (webpack: externals, esbuild: packages "external"), and name that file with --module.`;

/**
 * Explains why the application did not start, if the reason is a second copy of Nest.
 *
 * @returns the error itself for any other reason
 */
export function explainBootFailure(thrown: unknown, { module, path }: LoadedModule): unknown {
  const name = missingDependency(thrown);
  if (name === undefined || !ALWAYS_PROVIDED.test(name)) return thrown;
  return new CommandError(
    `${module.name} (${relative(process.cwd(), path)}) holds another copy of Nest than nestjs-job-queue uses: ${name} of the one is unknown to the other. ${BUNDLE_CURE}`,
    undefined,
    { cause: thrown },
  );
}

/** Makes the error for an application in which no queue was found. */
export function noQueueError({ module, path }: LoadedModule, cause: unknown): CommandError {
  const what = `${module.name} (${relative(process.cwd(), path)})`;
  const message = containsLibrary(path)
    ? `${what} holds another copy of nestjs-job-queue, of a version that this queue-worker does not know. ${BUNDLE_CURE}`
    : `${what} has no queue: add QueueModule.forRoot() to its imports, or name another module with --module`;
  return new CommandError(message, undefined, { cause });
}

/** Reads the name of the dependency that Nest did not find from its error. */
function missingDependency(thrown: unknown): string | undefined {
  const { context } = thrown as { context?: { index?: number; dependencies?: readonly unknown[]; name?: unknown } };
  const dependency = context?.name ?? context?.dependencies?.[context.index ?? -1];
  return typeof dependency === 'function' ? dependency.name : undefined;
}

function containsLibrary(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes(LIBRARY_CODE);
  } catch {
    return false;
  }
}
