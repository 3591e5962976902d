/** A route of bull-board. */
export interface Route<T> {
  readonly method: string;
  /** The parts of its path; one with a colon in front takes any text. */
  readonly parts: readonly string[];
  readonly handler: T;
}

/** Makes the routes of a handler. */
export function routesOf<T>(methods: string | string[], paths: string | string[], handler: T): Route<T>[] {
  return [methods]
    .flat()
    .flatMap((method) =>
      [paths].flat().map((path) => ({ method, parts: path.split('/').filter((part) => part !== ''), handler })),
    );
}

/** Finds the first route of a request. */
export function findRoute<T>(
  routes: readonly Route<T>[],
  method: string,
  path: readonly string[],
): { readonly handler: T; readonly params: Readonly<Record<string, string>> } | undefined {
  for (const route of routes) {
    if (route.method !== method || route.parts.length !== path.length) continue;
    const isMatch = route.parts.every((part, index) => part.startsWith(':') || part === path[index]);
    if (!isMatch) continue;
    const params = route.parts.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), path[index]!]] : []));
    return { handler: route.handler, params: Object.fromEntries(params) as Record<string, string> };
  }
  return undefined;
}
