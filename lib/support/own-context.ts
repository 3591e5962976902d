import { AsyncResource } from 'node:async_hooks';

/** Calls a function in an asynchronous context of its own, and returns its result. */
export type RunInOwnContext = <T>(act: () => T) => T;

/** How many resources are made at a time. */
const SPARES = 32;

/**
 * Makes a function that keeps calls apart: what a call enters (`AsyncLocalStorage.enterWith()`, a tenant, a trace) ends with it.
 * Each call begins with the context in which this function was made, whoever calls.
 *
 * Each call needs an `AsyncResource` of its own. In Node 20 `enterWith()` writes into the current resource, so that calls that
 * share one, or a shared `AsyncLocalStorage.snapshot()`, would see what the calls before them entered.
 */
export function ownContexts(): RunInOwnContext {
  const origin = new AsyncResource('QueueOrigin');
  const trigger = origin.asyncId();
  const spares: AsyncResource[] = [];
  const makeSpares = (): void => {
    for (let count = 0; count < SPARES; count++) spares.push(new AsyncResource('QueueCall', trigger));
  };
  return (act) => {
    // They begin with the context in which they are made. To enter that for each of them would take twice as long.
    if (spares.length === 0) origin.runInAsyncScope(makeSpares);
    return spares.pop()!.runInAsyncScope(act);
  };
}
