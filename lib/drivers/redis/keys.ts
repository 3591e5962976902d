/** The ends of keys that a script composes itself, to look into another queue. */
export const JOBS = ':jobs';
export const FAILED = ':failed';
export const COMPLETED = ':completed';
export const FAILURES = ':failures';
export const EXPIRY = ':expiry';
export const OWN_TIME = ':failed:own';
export const LOGS = ':logs';
export const TRAITS = ':traits';
/** The beginning of the ends of the keys of one group, in front of its name. */
export const GROUP = ':g:';
/** The same of the keys of the jobs without a group that have one priority, in front of that priority. */
export const LEVEL = ':p:';
/** How far the scores of two neighbouring priorities are apart in a group: 2^42. */
export const PRIORITY_CLASS = 2 ** 42;
/** The ends of the keys that list and describe the ended jobs of a queue. */
export const KEPT_KEYS = [FAILED, COMPLETED, FAILURES, LOGS, TRAITS, EXPIRY, OWN_TIME] as const;
/** The ends of the keys of waits, in front of the id of a job. */
export const WAITS = ':waits:';
export const ANSWER = ':answer:';
/** The ends of the keys of one consumer, in front of its id, and of the statistics. */
export const POLLS = ':polls:';
export const STATS = ':stats:';
/** The end of the name of a channel. */
export const SIGNALS = ':signals';
/** The end of the key of the outbox of a queue. */
export const OUTBOX = ':outbox';
/** The ends of the keys of a flow, behind that of its head. */
export const NODES = ':nodes';
export const STATES = ':states';
export const FAILED_IDS = ':failed';
/** Those of a batch beside them. */
export const ADDED_STATES = ':added';
export const PLACES = ':queues';
export const HELD = ':held';
export const DUE = ':due';

/**
 * Every key in Redis is named here and nowhere else.
 *
 * | key | type | content |
 * | --- | --- | --- |
 * | `queue:NAME` | LIST | ids of ready jobs, first in, first out |
 * | `queue:NAME:delayed` | ZSET | ids of delayed and retrying jobs; score: unix seconds, fraction ms |
 * | `queue:NAME:jobs` | HASH | id -> time of the push (13 digits, ms) and the record, of live jobs and of kept ended jobs |
 * | `queue:NAME:attempts` | HASH | id -> `attempts:crashes:unknownSince`, of jobs that did not succeed at once; then `:waitsSince` (empty unless an operator changed it) and `:releases` (once it has started), as far as they are needed |
 * | `queue:NAME:notes` | HASH | id -> fence and number of the last note, of live jobs that told something |
 * | `queue:NAME:progress` | HASH | id -> progress as JSON, of live jobs |
 * | `queue:NAME:checkpoints` | HASH | id -> last checkpoint as text, of live jobs |
 * | `queue:NAME:traits` | HASH | id -> what scripts have to know of a job beyond its place, see the script part `traits`; of jobs that may run, and of kept failed ones |
 * | `queue:NAME:priority` | ZSET | the priorities other than 0 of ready jobs without a group; score: minus the priority |
 * | `queue:NAME:p:PRIORITY` | LIST | ids of the ready jobs without a group that have this priority, first in, first out |
 * | `queue:NAME:gone:p:PRIORITY` | HASH | as `gone`, for that list |
 * | `queue:NAME:groups` | HASH | group -> its state, of groups with ready or claimed jobs; the empty field: the sums of all groups: see the script part `groups` |
 * | `queue:NAME:ring` | LIST | the groups with ready jobs that may start, in turn |
 * | `queue:NAME:gates` | ZSET | the groups that wait until their window opens; score: that time in microseconds |
 * | `queue:NAME:g:GROUP` | LIST | ids of the ready jobs of a group with priority 0 but the first one, in their order |
 * | `queue:NAME:priority:g:GROUP` | ZSET | ids of the ready jobs of a group with a priority other than 0, and of those that come before all others; score: the turn minus 2^42 times the priority |
 * | `queue:NAME:gone:g:GROUP` | HASH | id -> number of its stale elements in that list |
 * | `queue:NAME:unique` | HASH | key of a unique job, or the hash of a long one -> its id; `~` and an id -> the key that it keeps although it has ended |
 * | `queue:NAME:throttles` | ZSET | the keys that such jobs keep; score: ms up to which |
 * | `queue:NAME:debounce` | HASH | key of a debounced job that waits for its first start -> its id and the time of its first push in ms |
 * | `queue:NAME:recovered` | LIST | ids of jobs whose consumer was lost |
 * | `queue:NAME:gone` | HASH | id -> number of its stale elements in the list of ready jobs; `~`: their sum |
 * | `queue:NAME:gone:recovered` | HASH | the same for the list of recovered jobs |
 * | `queue:NAME:consumers` | ZSET | consumer -> end of its lease in ms; 0 while other consumers recover its jobs |
 * | `queue:NAME:claimed:CONSUMER` | HASH | id -> fence, of the jobs that it holds |
 * | `queue:NAME:polls:CONSUMER` | HASH | `last`: the number of its last poll; `0`, `1`: the answers to the last two, by the parity of the number; `obeyed`: the pause that it obeys |
 * | `queue:NAME:meta` | HASH | `fence`, `seen` (last sign of life of any consumer, ms), `grace` (no job is recovered before), `looked` (ms of the last look at late consumers), `paused`, `pausedUntil` (id and end of a pause), `heldUntil` (end of a hold, ms), `groupsHeldUntil` (the last end of the holds of groups, ms), `given`, `notes`, `logs`, `traits` (0 if no job has any, p if none has more than a priority, 1 if jobs may have others), `waitsUntil` (ms when the last wait for a job expires), `turn` (the last turn given to a job with a group and a priority; there once any job has a priority), `mixed` (how many jobs without a group were claimed while such jobs waited), `groupLimits` (the limits of groups that counted last), `groupScan` (how far the groups were looked at since they changed), `outbox` (0 if it is empty), `relay` (the token of the process that hands it over, the end of its lease, the last time when something was noted, both ms), `sides` (how many jobs were claimed while jobs with and without a group waited) |
 * | `queue:NAME:limits` | HASH | limits that all consumers share, those that an operator has set: see the part `limits` |
 * | `queue:NAME:starts` | LIST | the starts of the last while, of a queue with a rate limit: see `scripts/window.ts`; expires |
 * | `queue:NAME:starts:g:GROUP` | LIST | the same of one group; expires |
 * | `queue:NAME:holds` | ZSET | the groups that are held back; score: ms until when; expires |
 * | `queue:NAME:windows` | ZSET | the groups that have such a list; score: ms when it expires; expires |
 * | `queue:NAME:marker` | ZSET | one member while a waiting worker should poll |
 * | `queue:NAME:cancelled` | HASH | id -> reason as JSON text, of cancelled jobs that a consumer has to end |
 * | `queue:NAME:call:ID` | STRING | the answer to a request that may be sent again |
 * | `queue:NAME:stats:m:MINUTE` | HASH | what was counted in a minute (number of the minute since 1970): `completed`, `failed`, `retried`, and `run:BUCKET`, `wait:BUCKET` for times |
 * | `queue:NAME:stats:h:HOUR` | HASH | the same of an hour |
 * | `queue:NAME:stats:last` | STRING | the last minute in which something was counted: its hour does not contain it yet |
 * | `queue:NAME:failed` | ZSET | ids of kept failed jobs; score: unix seconds of the failure |
 * | `queue:NAME:expiry` | ZSET | those of them with a retention of their own; score: unix seconds of their removal |
 * | `queue:NAME:failed:own` | ZSET | the same jobs; score: unix seconds of the failure |
 * | `queue:NAME:completed` | LIST | kept completed and cancelled jobs, the last one at the end: time of the end (13 digits, ms), fence (16 digits), c or x, id |
 * | `queue:NAME:failures` | HASH | id -> the last failures of a job, with stacks |
 * | `queue:NAME:logs` | HASH | id -> the last lines that a job logged |
 * | `queue:NAME:moving` | HASH | id -> a failed job that is on its way to another queue: see the part `move out` |
 * | `queue:NAME:moves` | HASH | move -> the queue where its jobs go, and their ids |
 * | `queue:NAME:moved:ID` | STRING | the queue where a job went whose id names this queue; expires |
 * | `queue:NAME:waits:ID` | ZSET | channel and token of each wait for the end of a job; score: ms of its expiry |
 * | `queue:NAME:answer:ID` | STRING | the waits that it is for, then how their job ended as JSON; short-lived |
 * | `queue:NAME:producer:ID` | HASH | numbers of the pushes of a process that may be sent again |
 * | `queue:~events` | STREAM | the last events of all processes; several events are one entry |
 * | `queue:~events:sizes` | LIST | how many events each entry has |
 * | `queue:~events:total` | STRING | their sum |
 * | `job:status:ID` | STRING | JSON, see {@link StatusText} |
 * | `queue:~ids` | HASH | id -> queue and name, of the live jobs whose ids the application gave |
 * | `queue:~workers` | ZSET | worker -> ms when it is forgotten |
 * | `queue:~workers:signs` | HASH | worker -> ms of its last sign of life (13 digits), and what it says, as JSON |
 * | `queue:NAME:outbox` | LIST | what flows have to be told of the jobs of this queue: see the script part `outbox` |
 * | `queue:~flow:REF` | HASH | a flow: name, times, counters; of a chain or a workflow also its jobs: see `scripts/flow-table.ts`; expires once the flow has ended |
 * | `queue:~flow:REF:nodes` | HASH | of a batch: its callbacks, the jobs of its members that wait, the queues of its members |
 * | `queue:~flow:REF:states` | STRING | the state of each node, one letter for each |
 * | `queue:~flow:REF:failed` | ZSET | the ids of the failed jobs of a flow; score: ms |
 * | `queue:~schedules` | ZSET | `s` and the name of a schedule, `o` and the id of a job of a schedule that has to be pushed; score: ms when a process has to look at it |
 * | `queue:~schedules:texts` | HASH | schedule -> what it says, as JSON |
 * | `queue:~schedules:states` | HASH | schedule -> its state, as JSON |
 * | `queue:~schedules:apps` | HASH | schedule -> the application that declares it |
 * | `queue:~schedules:outbox` | HASH | id -> a job of a schedule that has to be pushed |
 * | `queue:~schedules:processes` | ZSET | application and process, of processes that declare schedules; score: ms when it is forgotten; expires |
 * | `queue:~schedules:declared` | HASH | the same -> the names of the schedules that it declares, one on each line; expires |
 * | `queue:~flow:REF:added` | STRING | the same of the members that were added to a batch |
 * | `queue:~flow:REF:queues` | STRING | the queue of each member of a batch, two characters for each |
 * | `queue:~flow:REF:held` | ZSET | the numbers of the members of a batch that a failure has cancelled |
 * | `queue:~flow:REF:due` | ZSET | the numbers of the members of a batch that have to be pushed |
 * | `worker:last_processed` | STRING | unix seconds |
 * | `queues` | SET | names of queues |
 *
 * The channel `queue:NAME:signals` calls consumers to poll. On the channel `queue:~answers:PROCESS` a process hears of the ends of
 * the jobs for which it waits. The channel `queue:~schedules:earlier` calls workers to look at the schedules.
 *
 * No key of a queue without jobs stays for ever, even if all its workers are killed: `meta`, `producer`, `polls`, and
 * `consumers` while no job is claimed, expire a day after the last sign of life, the statuses of ended jobs after their
 * retention. `jobs` and the keys that list ended jobs expire together, once only ended jobs are left. `meta` stays while the
 * queue is paused or held back.
 *
 * A queue with partitions has the keys of several queues: NAME is then `events`, `events~1fa` and so on, see `lib/partitions`.
 *
 * In a Redis Cluster NAME, `~schedules` and `~flow:REF` are in braces (`queue:{emails}:jobs`), so that a queue lives in one slot, together with the
 * statuses of its jobs: `job:status:{emails}:ID`, and with its ids: `queue:{emails}:~ids`.
 *
 * A prefix stands in front of every key.
 */
export class RedisKeys {
  readonly lastProcessed: string;
  readonly queues: string;
  /** The workers that run, and what they say of themselves. */
  readonly ofWorkers: { readonly workers: string; readonly signs: string };
  /** The events of all processes. */
  readonly ofEvents: { readonly events: string; readonly sizes: string; readonly total: string };
  /** The schedules, and the processes that declare some. */
  readonly ofSchedules: ScheduleKeys;
  /** The channel that calls workers to look at the schedules. */
  readonly earlierChannel: string;
  /** The beginning of the keys of every queue, for a script that looks into another queue; empty in a cluster, which forbids it. */
  readonly othersBase: string;
  /** What stands in front of the id of a job in the key of its status; empty in a cluster, where that depends on the queue. */
  readonly sharedStatusPrefix: string;
  /** The names of all queues, for a script of one queue; empty in a cluster, which forbids it. */
  readonly namesForScripts: string;

  constructor(
    private readonly cluster: boolean,
    private readonly prefix = '',
  ) {
    this.lastProcessed = `${prefix}worker:last_processed`;
    this.queues = `${prefix}queues`;
    const workers = `${prefix}queue:${cluster ? '{~workers}' : '~workers'}`;
    this.ofWorkers = { workers, signs: `${workers}:signs` };
    const events = `${prefix}queue:${cluster ? '{~events}' : '~events'}`;
    this.ofEvents = { events, sizes: `${events}:sizes`, total: `${events}:total` };
    this.ofSchedules = schedulesAt(`${prefix}queue:${cluster ? '{~schedules}' : '~schedules'}`);
    this.earlierChannel = `${this.ofSchedules.due}:earlier`;
    this.namesForScripts = cluster ? '' : this.queues;
    this.othersBase = cluster ? '' : `${prefix}queue:`;
    this.sharedStatusPrefix = cluster ? '' : `${prefix}job:status:`;
  }

  /** The texts in front of the reference of a flow in its keys, and behind it. */
  get flowParts(): { readonly open: string; readonly close: string } {
    const { prefix, cluster } = this;
    return cluster ? { open: `${prefix}queue:{~flow:`, close: '}' } : { open: `${prefix}queue:~flow:`, close: '' };
  }

  /** The key of the head of a flow. */
  ofFlow(ref: string): string {
    const { open, close } = this.flowParts;
    return open + ref + close;
  }

  /** The channel on which the consumers of a queue are called to poll. */
  channelOf(queue: string): string {
    return this.of(queue).ready + SIGNALS;
  }

  /** The channel on which a process hears of the ends of jobs. */
  answersChannel(process: string): string {
    return `${this.prefix}queue:~answers:${process}`;
  }

  /** The keys of one queue. */
  of(queue: string): QueueKeys {
    const tag = this.cluster ? `{${queue}}` : queue;
    const { prefix } = this;
    const base = `${prefix}queue:${tag}`;
    return {
      ready: base,
      delayed: `${base}:delayed`,
      jobs: base + JOBS,
      attempts: `${base}:attempts`,
      notes: `${base}:notes`,
      progress: `${base}:progress`,
      checkpoints: `${base}:checkpoints`,
      recovered: `${base}:recovered`,
      gone: `${base}:gone`,
      goneRecovered: `${base}:gone:recovered`,
      cancelled: `${base}:cancelled`,
      callPrefix: `${base}:call:`,
      consumers: `${base}:consumers`,
      claimedPrefix: `${base}:claimed:`,
      pollsPrefix: base + POLLS,
      meta: `${base}:meta`,
      marker: `${base}:marker`,
      limits: `${base}:limits`,
      starts: `${base}:starts`,
      failed: base + FAILED,
      completedIds: base + COMPLETED,
      failures: base + FAILURES,
      logs: base + LOGS,
      traits: base + TRAITS,
      priority: `${base}:priority`,
      groups: `${base}:groups`,
      ring: `${base}:ring`,
      gates: `${base}:gates`,
      windows: `${base}:windows`,
      holds: `${base}:holds`,
      unique: `${base}:unique`,
      throttles: `${base}:throttles`,
      debounce: `${base}:debounce`,
      expiry: base + EXPIRY,
      outbox: base + OUTBOX,
      moving: `${base}:moving`,
      moves: `${base}:moves`,
      movedPrefix: `${base}:moved:`,
      ownTime: base + OWN_TIME,
      waitsPrefix: base + WAITS,
      answerPrefix: base + ANSWER,
      producerPrefix: `${base}:producer:`,
      statsPrefix: base + STATS,
      statusPrefix: this.cluster ? `${prefix}job:status:${tag}:` : this.sharedStatusPrefix,
      givenIds: this.cluster ? `${base}:~ids` : `${prefix}queue:~ids`,
    };
  }
}

/** See {@link RedisKeys}. */
export interface ScheduleKeys {
  readonly due: string;
  readonly texts: string;
  readonly states: string;
  readonly apps: string;
  readonly outbox: string;
  readonly processes: string;
  readonly declared: string;
}

function schedulesAt(due: string): ScheduleKeys {
  return {
    due,
    texts: `${due}:texts`,
    states: `${due}:states`,
    apps: `${due}:apps`,
    outbox: `${due}:outbox`,
    processes: `${due}:processes`,
    declared: `${due}:declared`,
  };
}

/** See {@link RedisKeys}. */
export interface QueueKeys {
  readonly ready: string;
  readonly delayed: string;
  readonly jobs: string;
  readonly attempts: string;
  readonly notes: string;
  readonly progress: string;
  readonly checkpoints: string;
  readonly recovered: string;
  readonly gone: string;
  readonly goneRecovered: string;
  readonly cancelled: string;
  readonly callPrefix: string;
  readonly consumers: string;
  readonly claimedPrefix: string;
  readonly pollsPrefix: string;
  readonly meta: string;
  readonly marker: string;
  readonly limits: string;
  readonly starts: string;
  readonly failed: string;
  readonly completedIds: string;
  readonly failures: string;
  readonly logs: string;
  readonly traits: string;
  readonly priority: string;
  readonly groups: string;
  readonly ring: string;
  readonly gates: string;
  readonly windows: string;
  readonly holds: string;
  readonly unique: string;
  readonly throttles: string;
  readonly debounce: string;
  readonly expiry: string;
  readonly outbox: string;
  readonly moving: string;
  readonly moves: string;
  readonly movedPrefix: string;
  readonly ownTime: string;
  readonly waitsPrefix: string;
  readonly answerPrefix: string;
  readonly producerPrefix: string;
  readonly statsPrefix: string;
  readonly statusPrefix: string;
  readonly givenIds: string;
}
