import type { Carriers } from '../context/carriers.js';
import type { Carried } from '../job/job-context-carrier.interface.js';
import type { DispatchStage, PendingPush } from '../middleware/dispatch-stage.js';

/** Makes the stage that adds the context of the call to a push. It is the innermost one: middleware may have entered a context. */
export function carryStage(carriers: Carriers): DispatchStage {
  return async (push, next) => next(carry(push, carriers.capture()));
}

/** Adds the context of the call to many pushes. */
export function carryAll(pushes: readonly PendingPush[], carriers: Carriers): readonly PendingPush[] {
  const carried = carriers.capture();
  return carried ? pushes.map((push) => carry(push, carried)) : pushes;
}

function carry(push: PendingPush, carried: Carried | undefined): PendingPush {
  return carried ? { ...push, options: { ...push.options, carried } } : push;
}
