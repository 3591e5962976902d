const WATCHED = [Object, Array, Function, String, Number, Date, Map, Set, Promise].map(
  (each) => each.prototype as object,
);

/** The prototypes that everything shares, as they are. */
export function prototypesNow(): unknown[] {
  return WATCHED.map((each) => Object.getOwnPropertyDescriptors(each));
}

/** Every object within a value, the value itself included. */
export function objectsWithin(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap((item) => objectsWithin(item))];
}
