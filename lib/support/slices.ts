/** Cuts a list into parts of at most so many items. */
export function slices<T>(items: readonly T[], most: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += most) parts.push(items.slice(at, at + most));
  return parts;
}

/** Calls a function with each item, with at most so many of them at a time. Resolves with the results, in the order of the items. */
export async function each<T, R>(items: readonly T[], most: number, call: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const part of slices(items, most)) results.push(...(await Promise.all(part.map((item) => call(item)))));
  return results;
}
