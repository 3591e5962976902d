const WATCHED = [Object, Array, Function, String, Number, Date, Map, Set, Promise].map(
  (each) => each.prototype as object,
);

/** Returns the current properties of the built-in prototypes. */
export function prototypesNow(): unknown[] {
  return WATCHED.map((each) => Object.getOwnPropertyDescriptors(each));
}

/** Returns every object inside a value, including the value itself. */
export function objectsWithin(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap((item) => objectsWithin(item))];
}
