import { Scope } from '@nestjs/common';
import type { ClassSource } from './injection.js';
import { isStatic, type NestProvider } from './instance-source.js';
import type { FoundJob } from './job-candidates.js';

/**
 * Makes the handler of a class in `forFeature()` when the application starts, and gives it to Nest: `app.get(SendEmailJob)`
 * returns it, and its lifecycle hooks are called.
 *
 * A class that carries its data, or is request-scoped or transient, has no single instance: `app.get()` refuses it, as it
 * refuses such a provider.
 *
 * @param handlers what makes the handlers; `undefined` for a class that carries its data
 * @param required false if the application may lack what a handler needs: then the handler is not made
 */
export function showHandler(found: FoundJob, handlers: ClassSource<object> | undefined, required: boolean): void {
  const placeholder = found.feature?.providers.get(found.jobClass);
  if (placeholder) show(placeholder, handlers && tryToMake(handlers, required));
}

/**
 * Gives the instance of a job class to the placeholders of it in other features. Removes these from their modules, so that
 * Nest calls the hooks of the instance once.
 */
export function shareHandler({ jobClass, provider, feature, others }: FoundJob): void {
  const used = provider ?? feature?.providers.get(jobClass);
  for (const other of others) {
    const placeholder = other.provider ? undefined : other.feature?.providers.get(jobClass);
    if (!placeholder || placeholder === used) continue;
    show(placeholder, used && isStatic(used) ? (used.instance as object) : undefined);
    other.feature!.providers.delete(jobClass);
  }
}

function show(placeholder: NestProvider, handler: object | undefined): void {
  if (handler) placeholder.instance = handler;
  else placeholder.scope = Scope.TRANSIENT;
}

function tryToMake(handlers: ClassSource<object>, required: boolean): object | undefined {
  try {
    return handlers.makeShared();
  } catch (error) {
    if (required) throw error;
    return undefined;
  }
}
