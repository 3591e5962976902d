import { ContextIdFactory, type ContextId, type ModuleRef } from '@nestjs/core';
import { InvalidJobError } from '../queue.errors.js';

/** The subject of a scope: the request of its request-scoped providers. */
export type ScopeSubject = object & { readonly name?: string };

/**
 * The scope of one attempt, of the call of a chunk, of the middleware around a push, or of a listener: its context, and the context id under which Nest keeps its request-scoped
 * providers.
 */
export class AttemptScope {
  private id?: ContextId;

  /** @param context a `JobContext` or a `ChunkContext`; the push, or the event */
  constructor(readonly context: ScopeSubject) {}

  /**
   * Returns the context id. Creates it at the first call, with the context as its request. The strategy
   * of the application (`ContextIdFactory.apply()`) may give it a parent, where Nest keeps durable providers.
   *
   * @param moduleRef the `ModuleRef` of any module: Nest registers the request for the whole container
   */
  contextId(moduleRef: ModuleRef): ContextId {
    if (this.id === undefined) {
      this.id = createContextId(this.context);
      addPayload(this.context, this.id);
      moduleRef.registerRequestByContextId(this.context, this.id);
    }
    return this.id;
  }
}

/** Creates a context id. If the strategy throws, durable providers cannot be made, and all others can. */
function createContextId(context: ScopeSubject): ContextId {
  try {
    return ContextIdFactory.getByRequest(context);
  } catch (cause) {
    const id = ContextIdFactory.create();
    id.getParent = ({ isTreeDurable }) => {
      if (isTreeDurable) throw InvalidJobError.noDurableContext(context.name ?? '', cause);
      return id;
    };
    return id;
  }
}

/** Adds what the strategy tells of a request to the request, as Nest does; the members of the context stay. */
function addPayload(context: ScopeSubject, { payload }: ContextId & { readonly payload?: unknown }): void {
  for (const [key, value] of Object.entries(payload ?? {})) {
    if (!(key in context)) Object.defineProperty(context, key, { value, configurable: true });
  }
}
