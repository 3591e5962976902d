import fc from 'fast-check';
import { isRequeue, type NewJob, type PollRequest, type Settlement } from '../../lib/drivers/queue-driver.interface.js';
import { SAMPLE_BASE } from '../../lib/drivers/queue-stats.interface.js';
import type { Model } from './model.js';
import {
  advance,
  cancel,
  cancelAll,
  claimsOf,
  clear,
  close,
  endHold,
  IDLE,
  note,
  pauseQueue,
  push,
  putBack,
  resume,
  resumeQueue,
  setLimits,
  stall,
  poll,
  pollTwo,
} from './operations.js';
import { GRACE, QUEUE, SLOTS, type Claim, type Delivery } from './subject.interface.js';
import { comebackCommands } from './comeback-commands.js';
import { mendCommands } from './mend-commands.js';
import { wireCommands } from './wire-commands.js';
import { Act, type ModelCommand } from './act.js';

const slot = fc.nat(SLOTS - 1);
/** True if the answer is lost, and the client sends the same message again. */
const twice = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
/** Seconds. */
const delay = fc.constantFrom(0, 0, 0, 0.001, 0.75, 5, 10, 30);

const pushes = fc
  .record({ count: fc.integer({ min: 1, max: 4 }), delay, twice })
  .map(
    (wish) => new Act('push', wish, (model, subject) => push(model, subject, fresh(model, wish), false, wish.twice)),
  );

/** Priorities of jobs with generated ids, and of jobs whose ids the application chose. */
const priorities = fc.constantFrom(0, 0, 1, 2, -1);
const priorityPushes = fc
  .record({ priorities: fc.array(priorities, { minLength: 1, maxLength: 4 }), delay, twice })
  .map(
    (wish) =>
      new Act('push with priorities', wish, (model, subject) => {
        const jobs = fresh(model, { count: wish.priorities.length, delay: wish.delay });
        const ranked = jobs.map((job, at) => withPriority(job, wish.priorities[at]!));
        for (const job of ranked) Object.assign(job, { isGenerated: true });
        return push(model, subject, ranked, true, wish.twice);
      }),
  );

/** Jobs of a few groups and of none, some with a priority, which counts only among those without a group. */
const groups = fc.constantFrom('a', 'a', 'b', '{c} "|"', undefined);
const groupPushes = fc
  .record({ picks: fc.array(fc.tuple(groups, priorities), { minLength: 1, maxLength: 5 }), delay, twice })
  .map(
    (wish) =>
      new Act('push with groups', wish, (model, subject) => {
        const jobs = fresh(model, { count: wish.picks.length, delay: wish.delay }).map((job, at): NewJob => {
          const [group, priority] = wish.picks[at]!;
          const ranked = withPriority(job, priority);
          return Object.assign(ranked, { isGenerated: true, traits: { ...ranked.traits, ...(group && { group }) } });
        });
        return push(model, subject, jobs, true, wish.twice);
      }),
  );

/**
 * Ids that the application chose, and so may choose again, even in one push: for the same job, or for another one, which
 * conflicts; while the job lives, or as long as anything of it is kept.
 */
const uniquePushes = fc
  .record({
    picks: fc.array(
      fc.record({
        id: fc.nat(4),
        name: fc.constantFrom(QUEUE, QUEUE, 'other "job"'),
        ends: fc.boolean(),
        priority: priorities,
        group: fc.constantFrom(undefined, undefined, 'a', 'd'),
      }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    delay,
    twice,
  })
  .map((wish) => {
    const jobs = wish.picks.map(({ id, name, ends, priority: value, group }) => {
      const job = newJob(`order/${id}:ä`, wish.delay, name, ends);
      return group === undefined ? withPriority(job, value) : { ...job, traits: { group } };
    });
    return new Act('push by id', wish, (model, subject) => push(model, subject, jobs, true, wish.twice));
  });

/**
 * Unique jobs, for the most part of one key: they get ids of their own, or ids that the application chooses again. Some free their keys
 * at the start, some keep them for a time.
 */
const keyedPushes = fc
  .record({
    picks: fc.array(
      fc.record({
        key: fc.constantFrom('Report\ta', 'Report\ta', 'Report\t"b c"', undefined),
        until: fc.constantFrom('end' as const, 'end' as const, 'start' as const),
        for: fc.constantFrom(undefined, undefined, 0.5, 15),
        id: fc.constantFrom(undefined, undefined, undefined, 0, 1),
        group: fc.constantFrom(undefined, undefined, 'a'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    delay,
    twice,
  })
  .map(
    (wish) =>
      new Act('push by key', wish, (model, subject) => {
        const jobs = wish.picks.map(({ key, until, for: duration, id, group }): NewJob => {
          const unique = key === undefined ? {} : { unique: { key, until, for: duration } };
          const traits = { ...unique, ...(group && { group }) };
          if (id !== undefined) return { ...newJob(`order/${id}:ä`, wish.delay, QUEUE, true), traits };
          return { ...fresh(model, { count: 1, delay: wish.delay })[0]!, isGenerated: true, traits };
        });
        return push(model, subject, jobs, true, wish.twice);
      }),
  );

/** Debounced jobs of two keys, over whatever waits, or over what the pusher has read. */
const debouncedPushes = fc
  .record({
    picks: fc.array(
      fc.record({
        key: fc.constantFrom('Index\ta', 'Index\ta', 'Index\t"b c"'),
        wait: fc.constantFrom(0.001, 0.5, 5, 30),
        maxWait: fc.constantFrom(undefined, undefined, 0.25, 6),
        expects: fc.constantFrom('anything', 'anything', 'what is there', 'nothing'),
        priority: fc.constantFrom(undefined, undefined, 3),
        group: fc.constantFrom(undefined, undefined, 'a', 'b'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    twice,
  })
  .map(
    (wish) =>
      new Act('push debounced', wish, (model, subject) => {
        const jobs = wish.picks.map(({ key, wait, maxWait, expects, priority, group }): NewJob => {
          const waiting = model.debounce.waiting.get(key);
          const there = waiting ? model.jobs.get(waiting.id)!.body : null;
          const over = expects === 'anything' ? undefined : expects === 'nothing' ? null : there;
          const [job] = fresh(model, { count: 1, delay: wait });
          return {
            ...job!,
            isGenerated: true,
            traits: { debounce: { key, maxWait, over }, ...(priority && { priority }), ...(group && { group }) },
          };
        });
        return push(model, subject, jobs, true, wish.twice);
      }),
  );

const claims = fc.record({ slot, limit: fc.integer({ min: 1, max: 4 }), recovered: fc.boolean(), twice }).map(
  (wish) =>
    new Act('claim', wish, async (model, subject) => {
      const { limit, recovered } = wish;
      await poll(model, subject, wish.slot, { settlements: [], limit, recovered }, wish.twice);
    }),
);

/**
 * The claim to settle: a claim of its own in six of ten cases, otherwise a claim that a correct consumer would not
 * settle.
 */
const target = fc.record({
  who: fc.constantFrom('own', 'own', 'own', 'own', 'own', 'own', 'others', 'past', 'next fence', 'last fence'),
  pick: fc.nat(20),
});
const how = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'complete' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('complete' as const),
      result: fc.constantFrom('', '{"of":[]}', ',"progress":1'),
      keepFor: fc.constantFrom(undefined, 5, 100),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'complete' as const, keep: 0 }) },
  { weight: 2, arbitrary: fc.constantFrom('no "luck"', 'no').map((error) => ({ kind: 'fail' as const, error })) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      error: fc.constant('never mind'),
      keep: fc.constantFrom(0, 5, 600),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('cancel' as const), hasRun: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('retry' as const), error: fc.constant('again'), delay }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      delay: fc.constantFrom(0, 0, 5),
      position: fc.constantFrom('front' as const, 'back' as const),
      unstarted: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      delay: fc.constantFrom(0, 0.75, 5, 30),
      position: fc.constant('back' as const),
      hold: fc.constantFrom('queue' as const, 'group' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      delay: fc.constantFrom(0, 0, 5),
      position: fc.constant('front' as const),
      hasStarted: fc.constant(true),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      delay: fc.constantFrom(0, 5),
      position: fc.constant('back' as const),
      unknown: fc.constant(true),
    }),
  },
);

/** What a job tells with its settlement: most tell nothing. */
const tellings = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  { progress: '99.5', checkpoint: 'the end', log: { before: 0, lines: ['the end'] } },
  { log: { before: 1, lines: ['"almost"', 'the end'] } },
  { progress: '{"text":",\\"progress\\":1}"}' },
);

/** What the statistics count of a settlement. */
const samples = fc.constantFrom(undefined, 0, SAMPLE_BASE + 2, 3 * SAMPLE_BASE);

const requestWith = (whom: typeof target) =>
  fc.record({
    ends: fc.array(fc.tuple(whom, how, tellings, samples), { minLength: 1, maxLength: 4 }),
    limit: fc.constantFrom(0, 0, 1, 3),
    recovered: fc.boolean(),
  });
const request = requestWith(target);
/** No consumer knows the fence that an unanswered poll gives to a job. */
const requestOfTwo = requestWith(target.filter(({ who }) => who !== 'next fence'));

/** A poll that settles, and may claim too. */
const settlements = fc.record({ slot, request, twice }).map(
  (wish) =>
    new Act('settle', wish, async (model, subject) => {
      await poll(model, subject, wish.slot, requestOf(model, wish.slot, wish.request), wish.twice);
    }),
);

/** A job that runs tells something; or a consumer tells something of a job that it does not hold. */
const notes = fc
  .record({
    slot,
    whom: target,
    age: fc.constantFrom(0, 0, 1, 3, 100),
    lines: fc.constantFrom(0, 1, 2, 99),
    again: fc.constantFrom(0, 0, 1, 3),
    twice,
  })
  .map(
    (wish) =>
      new Act('note', wish, (model, subject) => {
        const claim = find(model, wish.slot, wish.whom);
        return note(model, subject, wish.slot, claim, wish);
      }),
  );

/** Two polls in flight. A poll that requeues has to be alone. */
const pairs = fc
  .record({
    slot,
    requests: fc.tuple(requestOfTwo, requestOfTwo),
    delivery: fc.constantFrom<Delivery>('in order', 'twice', 'again in order', 'again in reverse', 'early'),
  })
  .map(
    (wish) =>
      new Act('poll two at once', wish, async (model, subject) => {
        const [one, two] = wish.requests.map((each) => {
          const wished = requestOf(model, wish.slot, each);
          return { ...wished, settlements: wished.settlements.filter((settlement) => !isRequeue(settlement)) };
        });
        await pollTwo(model, subject, wish.slot, [one!, two!], wish.delivery);
      }),
  );

/** The time to advance: so many milliseconds, or until a due time or the end of a lease, or a millisecond less. */
const advances = fc
  .record({
    to: fc.constantFrom('later', 'later', 'due', 'lease end'),
    milliseconds: fc.constantFrom(1, 250, 1_000, 5_000, 9_999, 12_000, 21_000, 61_000),
    early: fc.constantFrom(0, 0, 1),
  })
  .map(
    (wish) =>
      new Act('advance', wish, async (model, subject) => {
        const moment = wish.to === 'later' ? undefined : momentOf(model, wish.to);
        const time = moment === undefined ? wish.milliseconds : moment - wish.early - model.now;
        await advance(model, subject, Math.max(1, time));
      }),
  );

const stalls = slot.map((each) => new Act('stall', { slot: each }, async (m, s) => stall(m, s, each)));
const resumes = slot.map((each) => new Act('resume', { slot: each }, (m, s) => resume(m, s, each)));
const clears = twice.map((wish) => new Act('clear', { twice: wish }, (m, s) => clear(m, s, wish)));

/** Somebody cancels a job: one that lives, in any place, one that has ended and is kept, or an unknown one. */
const cancels = fc
  .record({ pick: fc.nat(60), reason: fc.constantFrom(undefined, 'no "use"'), searches: fc.boolean(), twice })
  .map(
    (wish) =>
      new Act('cancel', wish, (model, subject) => {
        const kept = [model.completed.at(-1), model.failed.at(-1)].flatMap((each) => each?.job.id ?? []);
        const ids = [...model.jobs.keys(), ...kept, 'nobody'];
        return cancel(model, subject, ids[wish.pick % ids.length]!, wish);
      }),
  );

/** An operator cancels the jobs that were pushed before a time; all of them, or some that were pushed at any time. */
const massCancels = fc
  .record({
    age: fc.constantFrom(0, 0, 1, 5_000),
    picks: fc.option(fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 4 }), { nil: undefined }),
    searches: fc.boolean(),
    twice,
  })
  .map(
    (wish) =>
      new Act('cancel many', wish, (model, subject) => {
        const kept = [...model.completed, ...model.failed].map(({ job }) => job.id);
        const all = [...model.jobs.keys(), ...kept, 'nobody'];
        const ids = wish.picks && [...new Set(wish.picks.map((pick) => all[pick % all.length]!))];
        const { searches, twice: isTwice } = wish;
        return cancelAll(model, subject, { pushedBy: model.now - wish.age, ids, searches, twice: isTwice });
      }),
  );

/** Somebody cancels a job and pushes it again, some times: so an id has stale elements before its own one. */
const returns = fc
  .record({
    id: fc.nat(2),
    searches: fc.array(fc.constantFrom(false, false, false, true), { minLength: 1, maxLength: 3 }),
    isLast: fc.boolean(),
  })
  .map(
    (wish) =>
      new Act('push again', wish, async (model, subject) => {
        const job = newJob(`order/${wish.id}:ä`, 0, QUEUE, true);
        await push(model, subject, [job], true, false);
        for (const searches of wish.searches) {
          await cancel(model, subject, job.id, { reason: undefined, searches, twice: false });
          // Something may stand between two elements of an id.
          if (wish.isLast) await push(model, subject, fresh(model, { count: 1, delay: 0 }), false, false);
          await push(model, subject, [job], true, false);
        }
      }),
  );

/** An operator pauses the queue, for a while or without an end. */
const queuePauses = fc
  .record({ milliseconds: fc.constantFrom(null, 1, 5_000, 30_000), twice })
  .map((wish) => new Act('pause the queue', wish, (m, s) => pauseQueue(m, s, wish.milliseconds, wish.twice)));
const queueResumes = twice.map(
  (wish) => new Act('resume the queue', { twice: wish }, (m, s) => resumeQueue(m, s, wish)),
);

/**
 * An operator sets the limits of the queue while jobs run, or takes them back. The window stays as long as that of the options: else
 * the storage may have forgotten starts that are in the new one.
 */
const limitSettings = fc
  .record({
    takesBack: fc.constantFrom(false, false, true),
    concurrency: fc.constantFrom(undefined, 1, 2, 5),
    max: fc.constantFrom(undefined, undefined, 1, 5),
    twice,
  })
  .map(
    (wish) =>
      new Act('set limits', wish, (model, subject) => {
        const { takesBack, concurrency, max } = wish;
        const { own } = model.limits;
        const per = own.rateLimit?.per ?? 6;
        const limits = {
          ...(concurrency !== undefined && { concurrency }),
          ...(max !== undefined && { rateLimit: { max, per } }),
          // Those of the groups stay: what they hold back comes in again by and by.
          ...(own.groups && { groups: own.groups }),
        };
        return setLimits(model, subject, takesBack ? null : limits, wish.twice);
      }),
  );

/** An operator ends the hold of the queue. */
const holdEnds = twice.map((wish) => new Act('end the hold', { twice: wish }, (m, s) => endHold(m, s, wish)));

/** The end of a worker: it requeues its jobs and leaves; or it is killed, and leaves without requeueing. */
const shutdowns = fc.record({ slot, putsBack: fc.boolean(), twice }).map(
  (wish) =>
    new Act('shut down', wish, async (model, subject) => {
      if (wish.putsBack) {
        const back = claimsOf(model, wish.slot).map((claim) => putBack(claim));
        await poll(model, subject, wish.slot, { ...IDLE, settlements: back }, wish.twice);
      }
      await close(model, subject, wish.slot, wish.twice);
    }),
);

/**
 * A worker is stopped for longer than its lease. Another worker lives, and recovers its jobs. Then the stopped worker
 * goes on and settles them.
 */
const pauses = fc.record({ slot, limit: fc.nat(3), late: fc.constantFrom(-1, 0, 1, 7_000), twice }).map(
  (wish) =>
    new Act('pause past the lease', wish, async (model, subject) => {
      const other = (wish.slot + 1) % SLOTS;
      await resume(model, subject, other);
      await poll(model, subject, wish.slot, { settlements: [], limit: wish.limit, recovered: true });
      await poll(model, subject, other, IDLE);
      stall(model, subject, wish.slot);
      const zombies = claimsOf(model, wish.slot);
      const end = model.consumers.get(model.slots[wish.slot]!.consumerId ?? '')?.expiresAt;
      if (end !== undefined) await advance(model, subject, Math.max(1, end + wish.late - model.now));
      await poll(model, subject, other, { settlements: [], limit: 2, recovered: true }, wish.twice);
      const late = zombies.map(({ id, fence }): Settlement => ({ kind: 'complete', id, fence }));
      await poll(model, subject, wish.slot, { settlements: late, limit: 1, recovered: false }, wish.twice);
      await resume(model, subject, wish.slot);
    }),
);

/**
 * No consumer can speak for longer than a lease. Then one consumer polls, and a consumer polls again near the end of
 * the grace.
 */
const silences = fc
  .record({
    slot,
    milliseconds: fc.constantFrom(20_001, 31_000, 61_000),
    wait: fc.constantFrom(1, GRACE - 1, GRACE),
    other: fc.boolean(),
  })
  .map(
    (wish) =>
      new Act('silence', wish, async (model, subject) => {
        for (let each = 0; each < SLOTS; each++) {
          await poll(model, subject, each, { settlements: [], limit: 1, recovered: false });
          stall(model, subject, each);
        }
        await advance(model, subject, wish.milliseconds);
        await poll(model, subject, wish.slot, { settlements: [], limit: 1, recovered: true });
        await advance(model, subject, wish.wait);
        const speaker = wish.other ? (wish.slot + 1) % SLOTS : wish.slot;
        await poll(model, subject, speaker, { settlements: [], limit: 1, recovered: true });
        for (let each = 0; each < SLOTS; each++) await resume(model, subject, each);
      }),
  );

/** Returns the events that may happen to a queue. */
export function modelCommands(hasWire: boolean): fc.Arbitrary<ModelCommand>[] {
  const weighted: [number, fc.Arbitrary<ModelCommand>][] = [
    [5, pushes],
    [2, priorityPushes],
    [4, groupPushes],
    [3, uniquePushes],
    [4, keyedPushes],
    [3, debouncedPushes],
    [6, claims],
    [9, settlements],
    [4, notes],
    [5, pairs],
    [4, advances],
    [1, stalls],
    [1, resumes],
    [1, clears],
    [4, cancels],
    [1, massCancels],
    [2, returns],
    [1, shutdowns],
    [1, pauses],
    [1, silences],
    [1, queuePauses],
    [2, queueResumes],
    [1, holdEnds],
    [1, limitSettings],
    ...comebackCommands,
    ...mendCommands,
    ...(hasWire ? wireCommands : []),
  ];
  return weighted.flatMap(([weight, command]) => Array.from({ length: weight }, () => command));
}

function fresh(model: Model, { count, delay: seconds }: { count: number; delay: number }): NewJob[] {
  return Array.from({ length: count }, () => newJob(`job-${String(++model.pushes).padStart(4, '0')}`, seconds));
}

function newJob(id: string, seconds: number, name = QUEUE, replacesEnded = false): NewJob {
  return { id, body: `h${name}\n{"of":"${id}"}`, delay: seconds, name, replacesEnded };
}

function withPriority(job: NewJob, priority: number): NewJob {
  if (priority === 0) return job;
  return { ...job, body: job.body.replace('\n', `\t{"p":${priority}}\n`), traits: { priority } };
}

function find(model: Model, own: number, { who, pick }: { who: string; pick: number }): Claim {
  const mine = claimsOf(model, own);
  const list = who === 'others' ? claimsOf(model, own, true) : who === 'past' ? model.past : mine;
  const claim = list[pick % list.length] ?? model.past.at(-1 - pick) ?? { id: 'nobody', fence: 1 };
  const wrong = who === 'next fence' ? 1 : who === 'last fence' ? -1 : 0;
  return { id: claim.id, fence: claim.fence + wrong };
}

function requestOf(model: Model, own: number, wish: RequestWish): PollRequest {
  const byId = new Map<string, Settlement>();
  for (const [whom, end, told, sample] of wish.ends) {
    const settlement = { ...find(model, own, whom), ...end, ...(told && { note: told }), sample };
    if (!byId.has(settlement.id)) byId.set(settlement.id, settlement);
  }
  return { settlements: [...byId.values()], limit: wish.limit, recovered: wish.recovered };
}

type RequestWish = typeof request extends fc.Arbitrary<infer Wish> ? Wish : never;

function momentOf(model: Model, which: 'due' | 'lease end'): number | undefined {
  if (which === 'due') return model.waiting.nextDue;
  const awake = new Set(model.slots.map((each) => (each.awake ? each.consumerId : undefined)));
  const ends = [...model.consumers].filter(([key]) => !awake.has(key)).map(([, { expiresAt }]) => expiresAt);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}
