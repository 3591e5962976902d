import type { StoredStatus } from '../../lib/drivers/queue-driver.interface.js';
import { STATS_UNITS } from '../../lib/drivers/queue-stats.interface.js';
import { expectSame, expectThat } from './mismatch.js';
import type { EndedJob, Model } from './model.js';
import { START, type Snapshot } from './subject.interface.js';

/** The time by which a status may expire too early, in milliseconds: the clock of the server itself runs on. */
const DRIFT = 3_000;

/**
 * Compares the stored state with the model: every live job is in exactly one place and in its turn, no job is lost or
 * doubled, and no key is left over.
 *
 * @throws Mismatch
 */
export function check(model: Model, seen: Snapshot): void {
  checkPlaces(model, seen);
  checkClaims(model, seen);
  checkRecords(model, seen);
  checkKept(model, seen);
  checkElsewhere(model, seen);
  checkCounts(model, seen);
  checkStatuses(model, seen);
  const { ready, recovered, delayed } = model.waiting;
  // A worker that waits for its limit polls by itself, or is woken by a settlement.
  if (ready > 0 && !model.pause && !model.blocked)
    expectThat('marker', seen.signalled, 'jobs are ready, and nobody would be woken');
  const waiting = ready + model.waiting.inGroups.blocked + recovered.length + delayed.length;
  const quiet = seen.stored && waiting === 0 && !model.warned;
  if (quiet) expectThat('marker', !seen.signalled, 'nothing waits, and somebody would be woken');
  if (seen.silence) {
    expectSame('leases', 'the last sign of life, and the grace', seen.silence, {
      seen: model.seen,
      graceEnd: model.graceEnd,
    });
  }
  expectSame('hold', 'its end', seen.heldUntil, model.limits.heldUntil > model.now ? model.limits.heldUntil : 0);
  checkCounters(model, seen);
  expectSame('cancelled', 'jobs that have not ended', sorted(seen.cancelled), sorted(model.cancelled));
  checkKeys(model, seen);
  expectSame('left-overs', 'what nothing explains', seen.leftOvers, []);
}

function checkKeys({ keys, debounce, now }: Model, seen: Snapshot): void {
  expectSame('keys', 'of debounced jobs', byKey(seen.debounce), byKey(debounce.waiting));
  expectSame('keys', 'of unique jobs', byKey(seen.keys), byKey(keys.owners));
  const [told, expected] = [seen.throttles, keys.throttles].map((throttles) =>
    byKey(new Map([...throttles].filter(([, { until }]) => until > now))),
  );
  expectSame('throttles', 'of unique jobs', told, expected);
}

function byKey<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function checkCounters({ counters, now }: Model, { counted: { hours, minutes } }: Snapshot): void {
  expectSame('statistics', 'by hours', withoutEnd(hours), counters);
  if (now - START < STATS_UNITS.minute.keptFor) {
    expectSame('statistics', 'by minutes', withoutEnd(minutes), counters);
  }
}

/** A refused settlement may leave a counter of 0. */
function withoutEnd(counters: readonly number[]): readonly number[] {
  return counters.slice(0, counters.findLastIndex((count) => count > 0) + 1);
}

function checkPlaces({ jobs, waiting }: Model, seen: Snapshot): void {
  const delayed = seen.delayed.map(([id]) => id);
  const claimed = [...seen.consumers.values()].flatMap(({ claims }) => claims.map(({ id }) => id));
  const grouped = seen.groups.flatMap(([, ids]) => ids);
  const places = [...seen.ready, ...grouped, ...seen.recovered, ...delayed, ...claimed].sort();
  expectSame('places', 'where jobs are, all together', places, [...jobs.keys()].sort());
  expectSame('ready order', 'ready jobs without a group', seen.ready, waiting.ungrouped);
  expectSame('groups', 'their turns', seen.ring, waiting.ring);
  expectSame('groups', 'their jobs', seen.groups, waiting.groups);
  expectSame('recovered order', 'recovered', seen.recovered, waiting.recovered);
  expectSame('delayed', 'delayed jobs', seen.delayed, waiting.delayed);
}

function checkClaims({ consumers }: Model, seen: Snapshot): void {
  const expected = new Map(
    [...consumers].map(([key, { claims }]) => [key, [...claims].map(([id, fence]) => ({ id, fence }))]),
  );
  const actual = new Map([...seen.consumers].map(([key, { claims }]) => [key, claims]));
  expectSame('claims', 'who holds what', actual, expected);
  const ends = new Map([...seen.consumers].map(([key, { expiresAt }]) => [key, expiresAt]));
  expectSame('leases', 'their ends', ends, new Map([...consumers].map(([key, { expiresAt }]) => [key, expiresAt])));
}

function checkRecords({ jobs }: Model, seen: Snapshot): void {
  const expected = new Map(
    [...jobs].map(([id, { body, pushedAt, attempts, crashes, unknownSince, progress }]) => [
      id,
      { body, pushedAt, attempts, crashes, unknownSince, progress },
    ]),
  );
  expectSame('records', 'of jobs', seen.records, expected);
}

function checkKept({ jobs, completed, failed }: Model, seen: Snapshot): void {
  const told = (each: EndedJob) => ({ id: each.job.id, body: each.job.body, endedAt: each.endedAt });
  expectSame('kept', 'completed jobs', seen.completed, completed.map(told));
  expectSame('kept', 'failed jobs', seen.failed, failed.map(told));
  const all = [...jobs.values(), ...[...completed, ...failed].map(({ job }) => job)];
  const logs = all.filter((job) => job.logs.length > 0).map((job) => [job.id, job.logs] as const);
  expectSame('logs', 'of jobs', seen.logs, new Map(logs));
  const failures = all.filter((job) => job.failures.length > 0).map((job) => [job.id, job.failures] as const);
  expectSame('failures', 'of jobs', seen.failures, new Map(failures));
}

function checkElsewhere({ elsewhere }: Model, seen: Snapshot): void {
  const expected = elsewhere.map(({ id, body, pushedAt }) => ({ id, body, pushedAt }));
  expectSame('elsewhere', 'jobs of the other queue', seen.elsewhere, expected);
}

function checkCounts({ waiting, consumers, failed, limits, now }: Model, { counts }: Snapshot): void {
  if (!counts) return;
  let reserved = 0;
  for (const { claims } of consumers.values()) reserved += claims.size;
  const open = waiting.ready + waiting.recovered.length;
  const ready = limits.free(1, reserved, now) === 0 ? 0 : open;
  expectSame('counts', 'of the queue', counts, {
    ready,
    blocked: waiting.inGroups.blocked + open - ready,
    delayed: waiting.delayed.length,
    reserved,
    failed: failed.length,
  });
}

function checkStatuses(model: Model, { told, stored }: Snapshot): void {
  for (const [id, status] of told) expectSame('status', `told of ${id}`, comparable(status, model), toldOf(id, model));
  if (!stored || !model.keepsStatuses) return;
  const expected = new Map<string, StoredStatus & { readonly name?: string }>();
  const live = [...model.jobs.values(), ...model.elsewhere];
  for (const { id, stored: status, name } of live) if (status) expected.set(id, named(status, name));
  for (const [id, { status, name }] of model.ended) expected.set(id, named(status, name));
  expectSame('status', 'stored', new Map([...stored].map(([id, { status }]) => [id, status])), expected);
  for (const [id, { left }] of stored) {
    const ended = model.ended.get(id);
    const fits = ended ? isAbout(left, ended.expiresAt - model.now) : left === -1;
    expectThat('status', fits, `that of ${id} (${ended ? 'ended' : 'live'}) has ${left} ms left`);
  }
}

/** A storage keeps the name with the status of a job whose id the application chose. */
function named(status: StoredStatus, name: string | undefined): StoredStatus & { readonly name?: string } {
  return name === undefined ? status : { ...status, name };
}

/**
 * Reduces a status to its certain part. If no statuses are kept, the driver derives them: only whether a job lives, whether it
 * runs, and its progress are certain.
 */
function comparable(status: StoredStatus | null, model: Model): unknown {
  if (model.keepsStatuses || status === null) return status;
  return { runs: status.state === 'processing', progress: status.progress };
}

function toldOf(id: string, model: Model): unknown {
  const moved = model.elsewhere.find((job) => job.id === id);
  return comparable((model.jobs.get(id) ?? moved)?.told ?? model.ended.get(id)?.status ?? null, model);
}

function isAbout(left: number, expected: number): boolean {
  return left <= expected && left > expected - DRIFT;
}

function sorted(reasons: ReadonlyMap<string, string | undefined>): [string, string | undefined][] {
  return [...reasons].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
