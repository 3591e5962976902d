import { ContextIdFactory, type ContextId, type ModuleRef } from '@nestjs/core';
import type { JobContext } from '../job/job-context.js';

/**
 * What one attempt shares: its context, and, once somebody asks for it, a context of Nest's injector in which its
 * request-scoped providers live and the {@link JobContext} is the request.
 */
export class AttemptScope {
  private id?: ContextId;

  constructor(readonly context: JobContext) {}

  /** @param moduleRef that of any module: the request is registered for the whole container */
  contextId(moduleRef: ModuleRef): ContextId {
    if (this.id === undefined) {
      // Not `getByRequest`: a strategy for durable providers expects the request of a server there.
      this.id = ContextIdFactory.create();
      moduleRef.registerRequestByContextId(this.context, this.id);
    }
    return this.id;
  }
}
