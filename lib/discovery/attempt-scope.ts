import { ContextIdFactory, type ContextId, type ModuleRef } from '@nestjs/core';
import type { JobContext } from '../job/job-context.js';

/** The scope of one attempt: its context, and the context id under which Nest keeps its request-scoped providers. */
export class AttemptScope {
  private id?: ContextId;

  constructor(readonly context: JobContext) {}

  /**
   * Returns the context id. Creates it at the first call, with the {@link JobContext} as the request of that context.
   *
   * @param moduleRef the `ModuleRef` of any module: Nest registers the request for the whole container
   */
  contextId(moduleRef: ModuleRef): ContextId {
    if (this.id === undefined) {
      // Not `getByRequest`: a strategy for durable providers expects the request of a server there.
      this.id = ContextIdFactory.create();
      moduleRef.registerRequestByContextId(this.context, this.id);
    }
    return this.id;
  }
}
