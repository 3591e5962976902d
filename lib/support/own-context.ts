import { AsyncResource } from 'node:async_hooks';

/** Calls a function in an asynchronous context of its own, and returns its result. */
export type RunInOwnContext = <T>(act: () => T) => T;

/**
 * Makes a function that keeps calls apart: what a call enters (`AsyncLocalStorage.enterWith()`, a tenant, a trace) ends with it.
 * Each call begins with the context in which this function was made, whoever calls.
 *
 * Each call needs an `AsyncResource` of its own. In Node 20 `enterWith()` writes into the current resource, so that calls that
 * share one, or a shared `AsyncLocalStorage.snapshot()`, would see what the calls before them entered.
 */
export function ownContexts(): RunInOwnContext {
  const origin = new AsyncResource('QueueOrigin');
  return (act) => origin.runInAsyncScope(() => new AsyncResource('QueueCall').runInAsyncScope(act));
}
