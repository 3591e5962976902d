import { GROUP, type QueueKeys } from '../../lib/drivers/redis/keys.js';
import type { Snapshot } from './subject.interface.js';

/** A state of a group as it is stored: see `group-state.ts`. Numbers have four bytes, texts end with a zero. */
const STATE = /^([RBTO.])(.{4})([^\0]*)\0([^\0]*)\0(?:(.{4})(.{4})(.{4})(.{4})([^\0]*)\0)?$/s;

/** The claimed jobs of a queue, and the traits of all its jobs. */
export interface Claimed {
  readonly ids: readonly string[];
  readonly traits: ReadonlyMap<string, string>;
}

/** Reads the groups with their ready jobs, and lists what does not fit: the claimed jobs of a group are those that consumers hold. */
export function readGroups(
  take: (key: string, kind: string) => string[],
  keys: QueueKeys,
  claimed: Claimed,
  leftOvers: string[],
): Pick<Snapshot, 'ring' | 'groups'> & { readonly blocked: number } {
  const states = new Map(pairs(take(keys.groups, 'hash')));
  const sums = states.get('');
  states.delete('');
  const passed = new Map<string, number>();
  const groups: [string, string[]][] = [];
  const inRing: string[] = [];
  const gated: string[] = [];
  const running: string[] = [];
  const holders: string[] = [];
  let [count, blocked] = [0, 0];
  for (const [name, text] of states) {
    const state = STATE.exec(text);
    if (!state) leftOvers.push(`the state ${JSON.stringify(text)} of ${name}`);
    const [, flag = '.', behind, head, runs, stale, staleInList, ranked, mixed, holds] = state ?? [];
    const counts = new Map(pairs(take(keys.gone + GROUP + name, 'hash')));
    const staleSum = [...counts.values()].reduce((sum, each) => sum + Number(each), 0);
    if (staleSum !== numberIn(staleInList))
      leftOvers.push(`the sum ${numberIn(staleInList)} of ${staleSum} stale elements of ${name}`);
    const listed = withoutStale(take(keys.ready + GROUP + name, 'list'), [...counts], leftOvers, staleSum);
    if (listed.length !== numberIn(behind))
      leftOvers.push(`${numberIn(behind)} jobs behind the first one of ${name}, not ${listed.length}`);
    const ranks = take(keys.priority + GROUP + name, 'zset');
    if (ranks.length !== 2 * numberIn(ranked))
      leftOvers.push(`${numberIn(ranked)} jobs of ${name} with a priority, not ${ranks.length / 2}`);
    const plain = head ? [head, ...listed] : listed;
    const ids = inOrder(ranks, plain);
    if (ids.length === 0 && numberIn(mixed) > 0) leftOvers.push(`turns of ${name}, which has no jobs`);
    if (ids.length > 0) groups.push([name, ids]);
    if (flag !== 'B' && flag !== 'O' && (flag !== '.') !== ids.length > 0)
      leftOvers.push(`${name} with the state ${JSON.stringify(text)}`);
    if (flag === 'R') inRing.push(name);
    if (flag === 'T') gated.push(name);
    if (flag === 'B' || flag === 'T' || flag === 'O') blocked += ids.length;
    if (flag === '.' && numberIn(stale) === 0 && !runs && !holds) leftOvers.push(`the group ${name} without jobs`);
    for (const id of (runs ?? '').split(' ').filter((each) => each !== '')) running.push(`${name}: ${id}`);
    holders.push(...(holds ?? '').split(' ').filter((each) => each !== ''));
    passed.set(name, numberIn(stale));
    count += ids.length;
  }
  const ring: string[] = [];
  for (const name of take(keys.ring, 'list')) {
    const left = passed.get(name) ?? 0;
    if (left > 0) passed.set(name, left - 1);
    else ring.push(name);
  }
  for (const [name, left] of passed)
    if (left > 0) leftOvers.push(`stale elements of ${name} that the ring does not have`);
  take(keys.holds, 'zset');
  const gates = pairs(take(keys.gates, 'zset')).map(([name]) => name);
  const held = claimed.ids.flatMap((id) => {
    const group = /\nq([^\n]*)/.exec(claimed.traits.get(id) ?? '')?.[1];
    return group === undefined ? [] : [`${group}: ${id}`];
  });
  expectEqual('ring', ring, inRing, leftOvers);
  expectEqual('gates', gates, gated, leftOvers);
  expectEqual('claimed jobs of groups', running, held, leftOvers);
  const known = sums ?? '0 0 0 0';
  if (known !== `${count} ${blocked} ${held.length} ${holders.length}`)
    leftOvers.push(`the sums ${known} of ${count} jobs, ${blocked} blocked ones, ${held.length} claimed ones`);
  if (sums !== undefined && count + held.length + holders.length === 0) leftOvers.push('groups without jobs');
  return { ring, groups: groups.toSorted(([a], [b]) => (a < b ? -1 : 1)), blocked };
}

/** Returns the ready jobs of a group in their order: those of priority 0 stand between the others. */
function inOrder(prioritized: readonly string[], plain: readonly string[]): string[] {
  const scores = pairs(prioritized);
  const above = scores.filter(([, score]) => Number(score) < 0).map(([id]) => id);
  return [...above, ...plain, ...scores.slice(above.length).map(([id]) => id)];
}

/** Reads a number of a state; 0 for one that is left out. */
function numberIn(bytes = '\0\0\0\0'): number {
  return Buffer.from(bytes, 'latin1').readUInt32LE();
}

function expectEqual(what: string, found: readonly string[], right: readonly string[], leftOvers: string[]): void {
  const [one, other] = [found.toSorted().join(), right.toSorted().join()];
  if (one !== other) leftOvers.push(`the ${what} are ${one}, not ${other}`);
}

/** Leaves out the stale elements of a list: the first ones of each id, as many as the hash says. */
export function withoutStale(
  elements: readonly string[],
  hash: readonly [string, string][],
  leftOvers: string[],
  counted?: number,
): string[] {
  const left = new Map(hash.map(([id, count]) => [id, Number(count)]));
  const sum = counted ?? left.get('~') ?? 0;
  left.delete('~');
  const ids: string[] = [];
  for (const id of elements) {
    const count = left.get(id) ?? 0;
    if (count > 0) left.set(id, count - 1);
    else ids.push(id);
  }
  const stale = elements.length - ids.length;
  if (sum !== stale) leftOvers.push(`the sum ${sum} of ${stale} stale elements`);
  for (const [id, count] of left) if (count > 0) leftOvers.push(`stale elements of ${id} that no list has`);
  if (stale > 0 && ids.length === 0) leftOvers.push('a list of stale elements alone');
  return ids;
}

export function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}
