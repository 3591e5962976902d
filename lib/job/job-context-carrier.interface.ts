/**
 * Brings a part of the asynchronous context of a push over the queue, into the attempts of its job: a tenant, a trace.
 *
 * ```ts
 * const tenant = new AsyncLocalStorage<string>();
 *
 * export const tenantCarrier: JobContextCarrier = {
 *   name: 'tenant',
 *   capture: () => tenant.getStore(),
 *   restore: (value, next) => tenant.run(value, next),
 * };
 * ```
 */
export interface JobContextCarrier {
  /** The name under which its value is stored with the job: 1 to 64 characters. Keep it while jobs wait. */
  readonly name: string;
  /** Returns the value of the current context, in the call that pushes; `undefined` if there is none. The values of all carriers have at most 8,192 bytes as JSON. */
  capture(): string | undefined;
  /** Calls `next` at once, in a context that has the value, and returns what `next` returns. */
  restore<T>(value: string, next: () => T): T;
}

/** The values of a job, by the names of their carriers. */
export type Carried = Readonly<Record<string, string>>;
