import type { Histories } from './timeline.js';

/**
 * Checks from the histories of all processes that jobs were claimed in strict order: each one only after all claims of those before it, also
 * those of their retries. Fences grow with the clock of the server.
 *
 * @param ids the jobs, in the order of their pushes
 */
export function claimedInOrder(histories: Histories, ids: readonly string[]): string[] {
  const claims = new Map<string, { first: number; last: number }>();
  for (const event of Object.values(histories).flat()) {
    if (event.type !== 'claimed') continue;
    for (const { id, fence } of event.jobs) {
      const { first, last } = claims.get(id) ?? { first: Infinity, last: 0 };
      claims.set(id, { first: Math.min(first, fence), last: Math.max(last, fence) });
    }
  }
  const wrong: string[] = [];
  let before: { readonly id: string; readonly last: number } | undefined;
  for (const id of ids) {
    const claim = claims.get(id);
    if (!claim) continue;
    if (before && claim.first <= before.last) wrong.push(`${id} was claimed before the last run of ${before.id}`);
    if (claim.last > (before?.last ?? 0)) before = { id, last: claim.last };
  }
  return wrong;
}
