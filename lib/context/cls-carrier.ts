import type { JobContextCarrier } from '../job/job-context-carrier.interface.js';
import { jsonSerializer } from '../job/json-serializer.js';
import { InvalidOptionError } from '../queue.errors.js';

/** What the carrier needs of the `ClsService` of `nestjs-cls`. The package is not imported. */
export interface ClsLike {
  isActive(): boolean;
  // oxlint-disable-next-line typescript/no-explicit-any -- the keys and values of a typed store are its own
  get(key: any): any;
  // oxlint-disable-next-line typescript/no-explicit-any
  set(key: any, value: any): void;
  run<T>(callback: () => T): T;
}

/**
 * Makes the carrier of some values of `nestjs-cls`:
 *
 * ```ts
 * QueueModule.forRoot({ carriers: [clsCarrier(ClsServiceManager.getClsService(), ['tenant', 'user'])] });
 * ```
 *
 * Each attempt runs in a context of its own with these values, and nothing else of the store of the push.
 *
 * @param cls the `ClsService`
 * @param keys the keys that are carried: a store also holds what belongs to a request alone
 * @param name the name of the carrier. Default: `cls`
 * @throws InvalidOptionError
 */
export function clsCarrier(cls: ClsLike, keys: readonly string[], name = 'cls'): JobContextCarrier {
  if (typeof (cls as Partial<ClsLike> | null | undefined)?.run !== 'function') {
    throw new InvalidOptionError('clsCarrier(cls)', 'the ClsService of nestjs-cls', cls);
  }
  const carried: readonly unknown[] = Array.isArray(keys) ? Array.from(keys as unknown[]) : [];
  if (carried.length === 0 || !carried.every(isKey)) {
    throw new InvalidOptionError('clsCarrier(cls, keys)', 'a list of keys that is not empty', keys);
  }
  return {
    name,
    capture() {
      if (!cls.isActive()) return undefined;
      const values = carried.map((key) => [key, cls.get(key) as unknown] as const);
      const given = values.filter(([, value]) => value !== undefined);
      return given.length === 0 ? undefined : jsonSerializer.serialize(Object.fromEntries(given));
    },
    restore: (value, next) =>
      cls.run(() => {
        const values = jsonSerializer.deserialize(value) as Readonly<Record<string, unknown>>;
        // Only the keys that are carried: the record may have been written by a version that carried others.
        for (const key of carried) if (Object.hasOwn(values, key)) cls.set(key, values[key]);
        return next();
      }),
  };
}

function isKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '';
}
