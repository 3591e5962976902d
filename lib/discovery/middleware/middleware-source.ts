import type { AnyMiddleware, MiddlewareType } from '../../job/middleware.interface.js';
import { ClassSource } from '../injection.js';
import { FixedSource, type InstanceSource } from '../instance-source.js';
import type { ModuleProviders } from '../module-providers.js';

/**
 * Finds where the instances of middleware come from: from the provider of the class that the module can inject, else the class is
 * made with the providers of the module, as guards are.
 *
 * @param owner the module or the class that lists the middleware, for messages
 */
export function middlewareSource<T extends AnyMiddleware>(
  middleware: MiddlewareType<T>,
  providers: ModuleProviders,
  owner: string,
): InstanceSource<T> {
  if (typeof middleware !== 'function') return new FixedSource(middleware);
  const provided = providers.find(middleware) as InstanceSource<T> | undefined;
  if (provided) return provided;
  const type = providers.enhancerClass(middleware) as new () => T & object;
  return new ClassSource(type, providers, `${owner}, its ${type.name}`);
}
