import { PLACES } from './places.js';

/** A test that proves a promise: its file, and its title in that file. */
export type Proof = readonly [file: string, title: string];

const CONTRACT = 'test/contract';
const UNIT = 'test/unit';
const E2E = 'test/e2e';

type Proofs = Readonly<Record<string, readonly Proof[]>>;

/** The promises of the chapter on guarantees. The README repeats the first seven that an application meets most. */
const GUARANTEES = {
  'At least once': [
    [`${CONTRACT}/lease.contract.ts`, 'hands the jobs to another consumer, and counts a crash but no attempt'],
    [
      `${CONTRACT}/recovered.contract.ts`,
      'are handed out once each if the lost consumer held more than one poll recovers',
    ],
    [
      `test/integration/redis/faults/away.spec.ts`,
      'jobs are neither lost nor doubled if Redis goes away and returns several times',
    ],
  ],
  'Nothing is doubled by the network': [
    [`test/integration/redis/faults/lost-replies.spec.ts`, 'stores each job once'],
    [
      `test/integration/redis/faults/lost-replies.spec.ts`,
      'to a poll is repeated with the same jobs and no refused settlement when the poll is sent again',
    ],
    [`test/integration/redis/faults/lost-replies.spec.ts`, 'to a poll lets each settlement count once, of each kind'],
  ],
  'A lost worker changes nothing': [
    [`${CONTRACT}/lease.contract.ts`, 'says that the lease is lost, and refuses each settlement'],
    [
      `${CONTRACT}/lease.contract.ts`,
      'refuses a settlement of the lost consumer while the next consumer holds the job',
    ],
    [`${CONTRACT}/lease.contract.ts`, 'calls onLost once when the lost consumer resumes, without a poll'],
    [
      `${UNIT}/worker/executor/outcomes.spec.ts`,
      'is abandoned without a log line or a failed() call if the lease was lost',
    ],
  ],
  'A poison job harms only itself': [
    [
      `${UNIT}/worker/executor/crashes.spec.ts`,
      'fails after its consumers were lost 3 times, and its failed() is called',
    ],
    [`${UNIT}/worker/executor/crashes.spec.ts`, 'gets all its attempts, because crashes do not count as attempts'],
    [`${CONTRACT}/recovered.contract.ts`, 'count each of their crashes'],
  ],
  'First in, first out': [
    [`${CONTRACT}/claim.contract.ts`, 'hands out ready jobs, the oldest first, up to the limit'],
    [`${CONTRACT}/delay.contract.ts`, 'puts a due job behind the jobs that are ready already'],
    [`test/integration/worker/run.spec.ts`, 'runs jobs in the order of their pushes at concurrency 1'],
  ],
  'One clock': [
    [`${CONTRACT}/push.contract.ts`, 'stores the push time by the clock of the storage'],
    ['test/docs/redis.spec.ts', 'are not affected by the clock of the process, because jobs use the clock of Redis'],
  ],
  'A full Redis refuses pushes': [
    ['test/docs/redis.spec.ts', 'let a full server refuse pushes and serve all other requests'],
  ],
  'A stop loses nothing': [
    [
      `test/integration/worker/stop.spec.ts`,
      'aborts running jobs after its timeout, and requeues them in their order without counting the attempt',
    ],
    [`${CONTRACT}/release.contract.ts`, 'puts the job at the front of its queue if asked to'],
    [
      `${E2E}/cli/signals.spec.ts`,
      'takes no more jobs on %s, and requeues the running job on %s after it, without counting the attempt',
    ],
  ],
  'Only registered classes run': [
    [
      `${UNIT}/worker/executor/records.spec.ts`,
      'puts the job back if its name has no registered class, and the log warns once',
    ],
    [`${UNIT}/job/json-serializer.spec.ts`, 'drops keys that could reach a prototype when it deserializes %s'],
    [`${E2E}/nest/instance-form.spec.ts`, 'cannot replace methods, injected properties or the prototype'],
  ],
  'Data stays private': [
    [`${UNIT}/worker/executor/logging.spec.ts`, 'has no data of a failed job and no content of a thrown object'],
    [
      `${UNIT}/worker/executor/logging.spec.ts`,
      'has no arguments of a Redis command if a handler throws an error of ioredis',
    ],
  ],
} satisfies Proofs;

/**
 * The promises in the lists of the documents, by document and heading, with the tests that prove them. The key of a
 * promise is its words in bold. An empty list marks a promise that no test proves yet.
 */
export const PROOFS: Readonly<Record<string, Readonly<Record<string, Proofs>>>> = {
  'README.md': {
    Features: {
      'Two forms of jobs': [
        [`${UNIT}/dispatch/push.spec.ts`, 'stores a class with its data in the queue of the class'],
        [`${UNIT}/dispatch/push.spec.ts`, 'stores an instance with its properties as data in the default queue'],
        [
          `${E2E}/nest/instance-form.spec.ts`,
          'a pushed instance is rebuilt from its data with injected properties, without a call of its constructor',
        ],
      ],
      'Types from `handle`': [['test/types/manager.types.ts', 'await queue.push(SendEmailJob, 42)']],
      Definitions: [
        [
          `${E2E}/nest/definitions.spec.ts`,
          'is pushed where nothing knows its class, also before the application has started',
        ],
        [`${E2E}/nest/definitions.spec.ts`, 'is pushed in each way, and its class runs'],
      ],
      'Delayed jobs, schedules': [
        [`${E2E}/nest/schedules.spec.ts`, 'runs its job at each of its times'],
        [`${CONTRACT}/delay.contract.ts`, 'hands out a delayed job when it is due, and not earlier'],
        [`${UNIT}/dispatch/push.spec.ts`, 'stores a ready job if the delay is 0 or a Date in the past'],
      ],
      'Pushing once': [
        [`${UNIT}/dispatch/push.spec.ts`, 'stores one job if two pushes have the same id'],
        [`${CONTRACT}/push.contract.ts`, 'skips jobs whose ids are ready or delayed already'],
      ],
      'Unique, debounced jobs': [
        [`${CONTRACT}/unique.contract.ts`, 'are duplicates while a job with their key waits, and nothing is added'],
        [`${CONTRACT}/unique.contract.ts`, 'keep their key up to it, although they end before (%s)'],
        [`${E2E}/nest/unique.spec.ts`, 'runs once, and can be pushed again when it has ended'],
        [`${UNIT}/dispatch/debounce.spec.ts`, 'is delayed, and replaced by the next push of its key'],
        [`${CONTRACT}/debounce.contract.ts`, 'wait, and are replaced and put off by later pushes of their key'],
      ],
      'Chains, batches, workflows': [
        [`${CONTRACT}/batches.contract.ts`, 'push all members at once, and then and finally when all have completed'],
        [`${CONTRACT}/flows.contract.ts`, 'push the next job once the one before it has completed'],
        [`${E2E}/nest/flows.spec.ts`, 'runs each job after those that it waits for, with their results'],
      ],
      Retries: [
        [`test/integration/worker/retries.spec.ts`, 'start after 60, 120 and 240 seconds, then the job fails once'],
        [`test/integration/worker/retries.spec.ts`, 'start after the pauses %s'],
        [`${UNIT}/job/retry-policy.spec.ts`, 'limits the pause to maxRetryDelay'],
        [`${UNIT}/job/retry-policy.spec.ts`, 'adds jitter to a pause below maxRetryDelay'],
      ],
      'Priority, groups': [
        [`${CONTRACT}/priority.contract.ts`, 'decides the order: higher first, first in first out within one'],
        [`${CONTRACT}/groups.contract.ts`, 'are served in turn, a job each, and first in first out within one'],
      ],
      Timeouts: [
        [`${UNIT}/worker/executor/timeout.spec.ts`, 'ends the attempt, aborts the signal, and counts the attempt'],
      ],
      Cancelling: [
        [`${CONTRACT}/cancel.contract.ts`, 'that is %s ends at once'],
        [`${E2E}/nest/cancel.spec.ts`, 'cancels jobs that wait and jobs that run, and tells how many'],
      ],
      Expiry: [
        [
          'test/integration/worker/expiry.spec.ts',
          'else ends as cancelled, and nothing of it is called; the event, the report, the log and a wait tell so',
        ],
      ],
      'Job status': [
        [`${CONTRACT}/status.contract.ts`, 'follows a job from its push to its end'],
        [`${CONTRACT}/fail.contract.ts`, 'ends the job, and keeps its error in the status'],
      ],
      'Progress, logs, results': [
        ['test/integration/worker/progress.spec.ts', 'is an event each time it is stored, with the last value'],
        ['test/integration/worker/logs.spec.ts', 'is told while the job runs, and after its end'],
        [`${CONTRACT}/results.contract.ts`, 'is told by the status of its job, and of no other one'],
      ],
      Waiting: [
        [
          `${E2E}/nest/waiting.spec.ts`,
          'pushAndWait resolves with the result of each kind of job, although no job keeps its result',
        ],
      ],
      Checkpoints: [
        ['test/integration/worker/checkpoints.spec.ts', 'let the next attempt go on where the last one was'],
        ['test/chaos/faults/checkpoints.spec.ts', 'does again at most what it did since its last checkpoint'],
      ],
      Operating: [
        [`${E2E}/nest/admin.spec.ts`, 'tells how queues are, and of their jobs'],
        [`${E2E}/nest/admin.spec.ts`, 'puts failed jobs back, once each, and removes them'],
        [`${E2E}/nest/admin.spec.ts`, 'pauses a queue until it is resumed, and counts what ran'],
      ],
      Chunks: [
        [`${E2E}/nest/chunks.spec.ts`, 'a class with handleChunk gets its dependencies, and many jobs in one call'],
        [
          'test/integration/worker/chunks/settling.spec.ts',
          'are settled each as it was decided, and completed without a decision',
        ],
      ],
      'Working by hand': [
        [`${UNIT}/reserve/pop.spec.ts`, 'is completed by complete()'],
        [`${UNIT}/reserve/pop.spec.ts`, 'is failed for good by fail() with an error or a text'],
        [
          `${UNIT}/reserve/pop.spec.ts`,
          'is released by release(), at once to the back or after a delay, without a counted attempt',
        ],
      ],
      'Several queues': [
        [`test/integration/worker/strict-order.spec.ts`, 'are worked one after the other, the first one first'],
        [`test/integration/worker/in-turn.spec.ts`, 'are worked in turn at concurrency %d, so that no queue starves'],
        [
          `test/integration/worker/concurrency.spec.ts`,
          'runs exactly as many jobs at the same time as its concurrency',
        ],
      ],
      'Limits of a queue': [
        [`${CONTRACT}/queue-limits.contract.ts`, 'hands out no more jobs than that, to all consumers together'],
        [
          `${CONTRACT}/queue-limits.contract.ts`,
          'starts no more jobs than that in a window, wherever the window begins',
        ],
      ],
      Injection: [
        [`${E2E}/nest/discovery.spec.ts`, 'are found in every module, with the dependencies of their module'],
        [
          `${E2E}/nest/scopes.spec.ts`,
          'a request-scoped job is made for each attempt, and gets the job context as REQUEST',
        ],
        [`${E2E}/nest/scopes.spec.ts`, 'a transient job is made for each attempt'],
        [
          `${E2E}/nest/instance-form.spec.ts`,
          'push() does not store injected properties, even if the instance has a value for them',
        ],
      ],
      'Guards, pipes, interceptors, filters': [
        [
          `${E2E}/nest/enhancers.spec.ts`,
          'guards, interceptors, pipes and filters run around the handler of a provider, as on a controller',
        ],
        [`${E2E}/nest/enhancers.spec.ts`, 'the execution context has the type queue, the data and the job context'],
      ],
      'Orderly shutdown': [
        [
          `${UNIT}/worker/shutdown-sequence.spec.ts`,
          'stops claiming, waits for jobs, settles and closes, in this order',
        ],
        [`test/integration/worker/stop.spec.ts`, 'waits for running jobs, and claims no more jobs'],
        [`test/integration/worker/stop.spec.ts`, 'lets a running job push another job'],
        [
          `${E2E}/cli/signals.spec.ts`,
          'waits for the running jobs on SIGTERM, and takes no other, although one of them blocks the event loop',
        ],
      ],
      'Crashes are contained': [
        [`${CONTRACT}/recovered.contract.ts`, 'are handed out one in each poll, before the ready jobs'],
        [
          `${UNIT}/worker/executor/crashes.spec.ts`,
          'fails after its consumers were lost 3 times, and its failed() is called',
        ],
      ],
      'Every kind of Redis': [
        [`test/integration/redis/connections/single.spec.ts`, 'is reached by a URL with user, password and database'],
        [`test/integration/redis/connections/tls.spec.ts`, 'is reached by a rediss:// URL'],
        [`test/integration/redis/connections/acl.spec.ts`, 'pushes, runs and tracks jobs'],
        [
          `test/integration/redis/connections/sentinel.spec.ts`,
          'serves before and after a failover, and keeps its jobs',
        ],
        [`test/integration/redis/connections/cluster.spec.ts`, 'answers for every queue: statuses, counts, clear'],
        [
          `test/integration/redis/connections/shared.spec.ts`,
          'carries the commands, and is not closed with the driver',
        ],
      ],
      'In memory': [
        [`${CONTRACT}/array.driver.spec.ts`, 'describeDriver(new ArrayHarness())'],
        [`${UNIT}/drivers/array/array.driver.spec.ts`, 'sets no timer'],
      ],
      'Worker command': [
        [`${E2E}/cli/formats.spec.ts`, 'works the default queue and prints a line for each attempt'],
        [`${E2E}/cli/work.spec.ts`, 'works queues in the order given, and fails a job after --tries'],
      ],
      'Open keys': [
        [
          `test/integration/redis/keys.spec.ts`,
          'queue:NAME is a list as long as the queue is deep, first in, first out',
        ],
        [`test/integration/redis/keys.spec.ts`, 'are all documented'],
      ],
      'Typed errors': [
        [
          `${UNIT}/options/options.resolver.spec.ts`,
          'the error of an invalid option names its path, the expected and the given value',
        ],
        [
          `test/integration/redis/faults/away.spec.ts`,
          'a push without an answer may be stored, and the error names the job',
        ],
      ],
    },
    Guarantees: pick(GUARANTEES, [
      'At least once',
      'Nothing is doubled by the network',
      'A lost worker changes nothing',
      'A poison job harms only itself',
      'First in, first out',
      'A full Redis refuses pushes',
      'A stop loses nothing',
    ]),
  },
  [PLACES.job]: {
    'A time for tries': {
      'No try begins after the end': [
        [
          `${UNIT}/worker/executor/retry-time.spec.ts`,
          'fails a job with the error of its attempt if the next try would begin too late',
        ],
        [`${UNIT}/job/job-outcome.spec.ts`, 'ends a job whose time for further attempts %s'],
      ],
      'The first attempt comes in time whenever it comes': [
        [`${UNIT}/worker/executor/retry-time.spec.ts`, 'lets the first attempt run however late it is'],
      ],
      'A try that comes late does not begin': [
        [
          `${UNIT}/worker/executor/retry-time.spec.ts`,
          'fails a job whose next try comes too late, without a call of its handle()',
        ],
        [`${UNIT}/reserve/pop.spec.ts`, 'fails a job whose next try comes after the end of its retryFor'],
      ],
      'It counts from when the job was first due': [
        [
          `${E2E}/nest/retry-for.spec.ts`,
          'lets a job be tried as long as its next try begins in time, and an operator lets it begin anew',
        ],
        [
          `${CONTRACT}/mending.contract.ts`,
          'stays over a retry, a loss of its consumer, and a new time for a job that was tried',
        ],
      ],
      '`job.isLastTry` knows the time, too': [
        [`${UNIT}/job/attempt-policy.spec.ts`, 'knows the shortest pause that may follow: %s'],
        [
          `${UNIT}/job/attempt-policy.spec.ts`,
          'knows nothing of the pause of a job that decides about it, unless the push does',
        ],
      ],
      'Tries always end': [
        [
          `${E2E}/nest/retry-for.spec.ts`,
          'is needed for endless tries: else the start or the push is refused, and nothing is written',
        ],
      ],
    },
  },
  [PLACES.expiry]: {
    'What is promised': {
      'Only the first start counts': [
        [`${UNIT}/expiry/expired-jobs.spec.ts`, 'is never true of a job that %s'],
        ['test/integration/worker/expiry.spec.ts', 'does not expire once it was %s'],
        ['test/integration/worker/expiry.spec.ts', 'does not expire once its worker was lost'],
        [`${E2E}/nest/expiry.spec.ts`, 'lets an operator put a failed job back without an end'],
      ],
      'A job that was only claimed may expire': [
        [
          'test/integration/worker/expiry.spec.ts',
          'does not expire if its worker stopped while it ran; one that was only claimed does',
        ],
      ],
      'It counts from when the job is due': [
        [`${UNIT}/expiry/expired-jobs.spec.ts`, 'counts from the time %s'],
        [
          `${E2E}/nest/expiry.spec.ts`,
          'counts from when a delayed job is due, and not while it runs or waits for its next try',
        ],
        ['test/integration/worker/expiry.spec.ts', 'has its time from when an operator promoted it'],
      ],
      '`pop` skips expired jobs': [
        [`${UNIT}/reserve/pop.spec.ts`, 'ends jobs that were not taken in time, and goes on to the next one'],
      ],
      'Any worker can tell': [['test/integration/worker/expiry.spec.ts', 'ends so although no worker knows its name']],
    },
  },
  [PLACES.debounce]: {
    'What is promised': {
      'A push replaces the job as a whole': [
        [`${CONTRACT}/debounce.contract.ts`, 'wait, and are replaced and put off by later pushes of their key'],
        [`${CONTRACT}/debounce.contract.ts`, 'get the traits of the last push'],
      ],
      'It replaces a job until that starts': [
        [
          `${CONTRACT}/debounce.contract.ts`,
          'are put off also when they are due, and nobody has begun them (priority %p)',
        ],
        [`${CONTRACT}/debounce.contract.ts`, 'are not put off beyond their longest time from the first push on'],
      ],
      'Never two of a key, and none lost': [
        ['test/integration/redis/debounce.spec.ts', 'are never two and never none, if pushes meet their starts'],
      ],
      'Merging loses nothing': [
        [`${UNIT}/dispatch/debounce.spec.ts`, 'is merged again if the one that waits has changed meanwhile'],
      ],
      'A push that is sent again tells the same': [
        [
          'test/integration/redis/debounce.spec.ts',
          'tell what the first execution told, if the reply to a push is lost',
        ],
      ],
      'A retry and a release do not bring the key back': [
        [
          `${CONTRACT}/debounce.contract.ts`,
          'have a new job beside them once they have started: it runs, is retried, or was released',
        ],
      ],
    },
  },
  [PLACES.unique]: {
    'What is promised': {
      'One job of a key': [
        [
          'test/integration/redis/unique.spec.ts',
          'are one job, if a thousand pushes come at once from eight clients that lose replies',
        ],
        [
          `${CONTRACT}/unique.contract.ts`,
          'are duplicates within one push, with their places and the id of the first one',
        ],
      ],
      'A push that is sent again tells the same': [
        ['test/integration/redis/unique.spec.ts', 'tell what the first execution told, if the reply to a push is lost'],
      ],
      'The key is freed with the end of its job': [
        [`${CONTRACT}/unique.contract.ts`, 'free their key when they %s'],
        ['test/chaos/faults/unique.spec.ts', 'are never two of a key, and free it, while workers and Redis are killed'],
      ],
      'The key is not forgotten while the job lives': [
        [
          `${CONTRACT}/unique.contract.ts`,
          'have their key while they are delayed, run, are released, are retried, and are recovered',
        ],
      ],
      'Only its job frees it': [
        [`${CONTRACT}/unique.contract.ts`, 'keep their key when a consumer settles them that has lost them'],
        [`${CONTRACT}/unique.contract.ts`, 'do not free the key that another job has meanwhile'],
      ],
      'A throttle ends at once': [
        [`${CONTRACT}/unique.contract.ts`, 'free their key at once when they %s'],
        [`${CONTRACT}/unique.contract.ts`, 'free their key at once when they have ended, and are removed'],
      ],
      'A failed job takes its key again': [
        [`${CONTRACT}/unique.contract.ts`, 'take their key again when they have failed, and are put back'],
        [`${CONTRACT}/unique.contract.ts`, 'stay failed while another job has their key'],
        [`${CONTRACT}/unique.contract.ts`, 'need a free key in the queue into which they move when they have failed'],
      ],
    },
  },
  [PLACES.flows]: {
    'What is promised': {
      'Each job is pushed once': [
        [
          `${CONTRACT}/flows.contract.ts`,
          'push each node of a workflow once, after all that it waits for have completed',
        ],
        [
          `${CONTRACT}/flow-graphs.contract.ts`,
          'push each node once after all before it, and agree with the jobs, whatever becomes of them',
        ],
        [
          'test/integration/redis/faults/flows.spec.ts',
          'push each node once after all before it, and lose neither a node nor a callback',
        ],
      ],
      'A failed job stops what depends on it': [
        [
          `${CONTRACT}/flows.contract.ts`,
          'stop when a job has failed for good, push the callback of that once, and go on when it is retried',
        ],
        [`${CONTRACT}/flows.contract.ts`, 'stop in a workflow what depends on a failed job, and nothing else'],
        [`${CONTRACT}/flows.contract.ts`, 'go on when a failed job is retried in another queue'],
      ],
      'A cancelled job is no failure': [
        [`${CONTRACT}/flows.contract.ts`, 'cancel what depends on a job that was %s'],
        [`${CONTRACT}/flows.contract.ts`, 'take a job that was not started in time for a failed one'],
      ],
      'Results are kept for the flow': [
        [`${CONTRACT}/flows.contract.ts`, 'give the result of a job to the next one of its chain'],
        [`${CONTRACT}/flows.contract.ts`, 'keep the results of a workflow by the names of its nodes'],
      ],
      'Everything is checked before anything is written': [
        [`${E2E}/nest/flows.spec.ts`, 'or a workflow with %s is refused before anything is written'],
      ],
      'A flow is dispatched once': [
        [`${CONTRACT}/flows.contract.ts`, 'are stored once'],
        [`${E2E}/nest/flows.spec.ts`, 'of an id is dispatched once'],
      ],
      'A hand-over that a process has left is taken up': [
        ['test/integration/redis/flows.spec.ts', 'are taken up within two seconds if their process was killed'],
      ],
    },
  },
  [PLACES.schedules]: {
    'What is promised': {
      'Each occurrence has one job': [
        ['test/integration/redis/faults/schedules.spec.ts', 'have one job for each occurrence'],
        [`${CONTRACT}/schedules.contract.ts`, 'push a job once, also when it has ended'],
        ['test/chaos/faults/schedules.spec.ts', 'have one job for each occurrence, while workers and Redis are killed'],
      ],
      'The next occurrence never depends on the last one': [
        [`${UNIT}/schedules/occurrences.spec.ts`, 'is what a walk finds'],
        [`${E2E}/nest/schedules.spec.ts`, 'are skipped while the last job lives, and go on when it has ended'],
      ],
      'A declared schedule follows the code': [
        [`${CONTRACT}/schedules.contract.ts`, 'are removed when another start does not declare them'],
        [`${CONTRACT}/schedules.contract.ts`, 'stay while one process declares them, and go when it leaves'],
        [`${CONTRACT}/schedules.contract.ts`, 'go when that process has died'],
        ['test/integration/redis/schedules.spec.ts', 'follow a rolling deploy, and stay paused'],
      ],
      'Missed occurrences are made up for as `catchUp` says': [
        [`${E2E}/nest/schedules.spec.ts`, 'are made up for: %s, with overlap %s'],
        [`${E2E}/nest/schedules.spec.ts`, 'are made up for long after them: %s, with overlap %s'],
        [`${E2E}/nest/schedules.spec.ts`, 'does nothing, and makes up for nothing'],
      ],
      'With `overlap: false` no two of its jobs live': [
        [`${E2E}/nest/schedules.spec.ts`, 'are skipped while the last job lives, and go on when it has ended'],
        [`${CONTRACT}/schedules.contract.ts`, 'tell whether a job lives'],
      ],
      'A clock that changes neither loses nor doubles a run': [
        [`${UNIT}/schedules/dst.spec.ts`, '%s'],
        [`${UNIT}/schedules/dst.spec.ts`, 'the last occurrences are those that come: %s'],
      ],
      'Everything is checked before anything is written': [
        [`${E2E}/nest/schedules.spec.ts`, '%j'],
        [`${E2E}/nest/schedules.spec.ts`, 'stops the start with %s'],
      ],
      'An occurrence that a process has left is taken up': [
        [
          'test/integration/redis/schedules.spec.ts',
          'are taken up within two seconds if their process was killed (before %s)',
        ],
      ],
      'Idle workers do not poll': [
        ['test/integration/redis/schedules.spec.ts', 'cost an idle worker nothing, however many they are'],
        [`${E2E}/nest/schedules.spec.ts`, 'is not told in a process whose application has none'],
      ],
    },
  },
  [PLACES.batches]: {
    'What is promised': {
      'Each job of a batch is pushed once': [
        [
          `${CONTRACT}/batch-runs.contract.ts`,
          'push each member once, and agree with the jobs, whatever becomes of them',
        ],
        [
          'test/integration/redis/faults/batches.spec.ts',
          'push each member once, and lose neither a member nor a callback',
        ],
      ],
      'A part that is sent again counts once': [
        [`${CONTRACT}/batches.contract.ts`, 'count a member that is fed again once, and push it once'],
        [`${E2E}/nest/batches.spec.ts`, 'of an id goes on where it was when its source broke'],
      ],
      'The first failure stops a batch': [
        [
          `${CONTRACT}/batches.contract.ts`,
          'at the first failure call catch, and cancel the members that have not started',
        ],
        [`${CONTRACT}/batches.contract.ts`, 'go on after failures if they allow that'],
      ],
      'A retried batch runs what a failure has cancelled': [
        [
          `${CONTRACT}/batches.contract.ts`,
          'put back the failed members, and those that a failure has cancelled, as often as it takes',
        ],
        [`${CONTRACT}/batches.contract.ts`, 'cancel and put back the same members again and again'],
      ],
      'A job that was cancelled, cleared or removed is no failure': [
        [`${CONTRACT}/batches.contract.ts`, 'do not take a member that was %s for a failed one'],
        [`${CONTRACT}/batches.contract.ts`, 'take a member that was not started in time for a failed one'],
      ],
      'A batch is sealed before `then` and `finally`': [
        [`${CONTRACT}/batches.contract.ts`, 'call neither then nor finally before they are sealed'],
        [
          'test/integration/redis/batches.spec.ts',
          'push their callbacks also if their process died when it had sealed them',
        ],
      ],
      'Jobs that are added are pushed, also if the process dies meanwhile': [
        [
          'test/integration/redis/batches.spec.ts',
          'have what was added by a process that died (%s, %s), within two seconds of a worker',
        ],
        [
          'test/integration/redis/batches.spec.ts',
          'do not have what they refused, also if a retry comes before the outbox is read',
        ],
      ],
      'A batch keeps three bytes for each job': [
        ['test/integration/redis/batches.spec.ts', 'keep three bytes for a member'],
      ],
      'A list is checked before anything is written': [
        [`${E2E}/nest/batches.spec.ts`, 'with %s is refused before anything is written'],
      ],
    },
  },
  [PLACES.limits]: {
    'Told to wait': {
      'Nothing of the queue starts meanwhile': [
        [`${CONTRACT}/hold.contract.ts`, 'hands out no job to any consumer before its time is over, then all'],
        [`${CONTRACT}/hold.contract.ts`, 'hands out nothing to the poll that brings the release'],
        [
          'test/integration/worker/hold.spec.ts',
          'starts no other job that its worker has claimed, and starts them when the hold is over',
        ],
        [
          'test/integration/worker/hold.spec.ts',
          'gives back what other workers have claimed and not started, and lets running jobs end',
        ],
      ],
      'Of two holds the longer counts': [
        [`${CONTRACT}/hold.contract.ts`, 'goes on as long as %s hold says'],
        [`${CONTRACT}/hold.contract.ts`, 'waits as long as %s hold says'],
      ],
      'Nothing but time ends it, or an operator': [
        [`${CONTRACT}/hold.contract.ts`, 'stays so over %s'],
        [`${CONTRACT}/hold.contract.ts`, 'hands out its jobs when an operator ends the hold'],
        [
          'test/integration/worker/hold.spec.ts',
          'is not held back by a job that fails, because it may not be released again',
        ],
      ],
    },
    'What counts': {
      'No window holds more starts': [
        [
          `${CONTRACT}/queue-limits.contract.ts`,
          'starts no more jobs than that in a window, wherever the window begins',
        ],
        ['test/integration/redis/queue-limits.spec.ts', 'is exact to the microsecond'],
        [
          'test/integration/redis/queue-limits.spec.ts',
          'never start too many jobs, and start each as soon as they may',
        ],
      ],
      'Never more at once': [
        [`${CONTRACT}/queue-limits.contract.ts`, 'hands out no more jobs than that, to all consumers together'],
        [
          'test/integration/worker/queue-limits.spec.ts',
          'runs no more jobs at once in all workers together, and all of them in the end',
        ],
        ['test/chaos/faults/limits.spec.ts', 'never run too many jobs, and lose none'],
      ],
      'A limit counts at once': [
        [
          'test/integration/redis/queue-limits.spec.ts',
          'obey a limit that only one of them has, and the jobs count that were claimed before',
        ],
      ],
      'The smaller limit counts': [
        ['test/integration/redis/queue-limits.spec.ts', 'obey the smaller limit as long as a worker that has it lives'],
        ['test/integration/redis/queue-limits.spec.ts', 'obey the slower rate'],
      ],
    },
    'At run time': {
      'They stay until they are taken back': [
        [`${CONTRACT}/queue-limits.contract.ts`, 'stay after days of quiet'],
        [
          `${CONTRACT}/queue-limits.contract.ts`,
          'take the place of those in the options, larger and smaller ones, until they are taken back',
        ],
      ],
    },
    Waiting: {
      'No polling': [['test/integration/worker/queue-limits.spec.ts', 'does not poll while nothing changes']],
      'No slot is taken': [
        [
          'test/integration/worker/queue-limits.spec.ts',
          'neither takes the slots of lower queues while it is full, nor stops them',
        ],
      ],
      'No claim ahead': [
        ['test/integration/worker/queue-limits.spec.ts', 'is not claimed ahead, however quick its jobs are'],
      ],
      '`counts(queue).blocked` counts its ready jobs': [
        [
          `${CONTRACT}/queue-limits.contract.ts`,
          'counts its ready jobs as blocked while it is full, recovered ones too',
        ],
        [
          `${CONTRACT}/queue-limits.contract.ts`,
          'counts its ready jobs as blocked while the window is full, also if it is paused',
        ],
        [`${CONTRACT}/hold.contract.ts`, 'counts its ready jobs as blocked meanwhile, and those that are due'],
      ],
    },
  },
  [PLACES.chunks]: {
    'How a chunk is collected': {
      'A call needs one slot': [
        ['test/integration/worker/chunks/collecting.spec.ts', 'need one slot for a call'],
        [
          'test/integration/worker/chunks/collecting.spec.ts',
          'takes no slot of other jobs, and ends also while other jobs run one after the other',
        ],
        [
          'test/integration/worker/chunks/collecting.spec.ts',
          'let jobs between those of a chunk run in their own slots',
        ],
      ],
      'A wait costs no polling': [
        [
          'test/integration/worker/chunks/collecting.spec.ts',
          'are filled by pushes that wake the idle worker, without a poll in between',
        ],
      ],
    },
    'How each job ends': {
      'The last decision counts': [
        [
          'test/integration/worker/chunks/settling.spec.ts',
          'are settled by the last decision, also by one of their context',
        ],
        [
          'test/integration/worker/chunks/random-decisions.spec.ts',
          'each item is settled exactly as it was decided, whatever happens to its worker',
        ],
      ],
    },
    'When a worker dies or stops': {
      'A poison job harms only itself': [
        [
          'test/integration/worker/chunks/interruptions.spec.ts',
          'runs recovered items alone, one at a time, beside the chunks of others',
        ],
        ['test/chaos/faults/chunks.spec.ts', 'by an item of the chunk fail that item, and every other one completes'],
      ],
    },
  },
  [PLACES.checkpoints]: {
    'What is promised': {
      'It is stored when the promise resolves': [
        [
          `${UNIT}/notes/attempt-notes.spec.ts`,
          'flushes what waits without a pause, behind the note that is under way',
        ],
        [`${CONTRACT}/checkpoint.contract.ts`, 'of a lost consumer is handed on, and a later one of it is refused'],
      ],
      'A crash is still a crash': [
        ['test/chaos/faults/checkpoints.spec.ts', 'does again at most what it did since its last checkpoint'],
        [
          `${UNIT}/worker/executor/crashes.spec.ts`,
          'fails after as many losses as the option maxCrashes of the %s says',
        ],
      ],
      'The last one counts': [
        ['test/chaos/faults/checkpoints.spec.ts', 'does again at most what it did since its last checkpoint'],
        ['test/integration/worker/checkpoints.spec.ts', 'that nobody waits for are stored with the end of the attempt'],
      ],
      'A lost worker stores nothing': [
        [
          `${UNIT}/notes/attempt-notes.spec.ts`,
          'tells who flushes that the storage refused the note, or why it failed',
        ],
      ],
      'It goes with the job': [
        [`${CONTRACT}/checkpoint.contract.ts`, 'goes with the end of the job: %s'],
        [`${CONTRACT}/checkpoint.contract.ts`, 'goes with a job that is dropped'],
      ],
    },
  },
  [PLACES.results]: {
    Results: {
      'It is written with the end': [
        [`${CONTRACT}/results.contract.ts`, 'is told by the status of its job, and of no other one'],
        [`${CONTRACT}/results.contract.ts`, 'is not kept if the settlement is refused'],
      ],
      'The same limits as data': [
        [`${UNIT}/results/result-codec.spec.ts`, 'says why it cannot keep %p'],
        ['test/integration/worker/results.spec.ts', 'are the last value of a generator'],
      ],
      'A result that cannot be kept runs nothing twice': [
        [
          'test/integration/worker/results.spec.ts',
          'that cannot be kept do not run the job again: it is completed, and its status and the log say why',
        ],
      ],
      'Only completed jobs have one': [
        ['test/integration/worker/results.spec.ts', 'are not kept of a job that fails, or is released'],
      ],
    },
  },
  [PLACES.workers]: {
    'Workers that run': {
      'A worker that stops is gone at once': [
        [
          'test/integration/worker/presence.spec.ts',
          'is listed while it runs, with its queues, its slots and its busy jobs',
        ],
        [`${CONTRACT}/workers.contract.ts`, 'is told until it leaves, with what it says'],
      ],
      'A dead worker is forgotten after 35 seconds': [
        [
          'test/integration/redis/workers.spec.ts',
          'a worker that gives no sign is forgotten after 35 seconds, and nothing is left of the last one',
        ],
        [`${CONTRACT}/workers.contract.ts`, 'gives a sign at least every ten seconds, so that it is not forgotten'],
      ],
    },
  },
  [PLACES.waiting]: {
    'Waiting for jobs': {
      'It listens before it pushes': [
        [
          `${E2E}/nest/waiting.spec.ts`,
          'pushAndWait gets the result although nothing is kept of ended jobs, and keeps it if the job does',
        ],
        [`${E2E}/nest/waiting.spec.ts`, 'a result of pushAndWait is not kept by the status'],
        [`${CONTRACT}/waits.contract.ts`, 'that begins before the push is told of the end'],
      ],
      'No end is missed': [
        [`${CONTRACT}/waits.contract.ts`, 'tells at once how an ended job ended'],
        [
          'test/integration/redis/waits.spec.ts',
          'are told of an end whose message got lost, when the connection of the messages is back',
        ],
      ],
      'It outlives an outage': [
        [
          'test/integration/redis/waits.spec.ts',
          'are told when Redis was killed and is back, of jobs that ended before and after',
        ],
        [
          'test/integration/redis/waits.spec.ts',
          'begin once when the reply to that is lost, and end with the answer that came meanwhile',
        ],
      ],
      'It outlives the worker': [
        [`${CONTRACT}/waits.contract.ts`, 'is told of the end after its job was recovered from a lost worker'],
        ['test/chaos/faults/waiting.spec.ts', 'resolves when another worker has run the job'],
      ],
      'Only the end counts': [
        [`${CONTRACT}/waits.contract.ts`, 'is told of a failure for good, and of no failed attempt before it'],
      ],
      'A wait never stops its job': [
        [`${E2E}/nest/waiting.spec.ts`, 'a timeout ends the wait, and the job goes on'],
        [`${E2E}/nest/waiting.spec.ts`, 'a signal ends the wait with its reason, and the job goes on'],
        [`${E2E}/nest/waiting.spec.ts`, 'an aborted signal pushes nothing'],
      ],
      'Nothing is left behind': [
        [
          'test/integration/redis/waits.spec.ts',
          'leave nothing behind when they are closed, or when their process was killed',
        ],
        ['test/integration/redis/waits.spec.ts', 'before the first push of a queue leave no key that does not expire'],
        [`${UNIT}/waiting/job-waiter.spec.ts`, 'leaves no timer, no listener and no wait, however it ends'],
      ],
      'It gets the end of its own job': [
        [
          `${E2E}/nest/waiting.spec.ts`,
          'pushAndWait gets the end of its own job if the one before it %s between the wait and the push',
        ],
        [
          `${CONTRACT}/waits.contract.ts`,
          'for a job that is about to be pushed is told of its end, and not that the one before it was %s',
        ],
      ],
      'No polling': [['test/integration/redis/waits.spec.ts', 'share one connection: a thousand of them']],
      'It costs nothing where nobody waits': [
        ['test/integration/redis/waits.spec.ts', 'cost a queue nothing for which nobody waits'],
      ],
    },
  },
  [PLACES.progress]: {
    Progress: {
      'At most ten writes a second': [
        [
          `${UNIT}/notes/attempt-notes.spec.ts`,
          'sends at most ten notes a second, each with the last value, and lets nobody wait for them',
        ],
      ],
      'The last value counts': [
        ['test/integration/worker/progress.spec.ts', 'is told while the job runs, and its last value after the end'],
        ['test/integration/worker/progress.spec.ts', 'is stored with each end of an attempt, and by failed()'],
      ],
      'No job fails because of it': [
        [`${UNIT}/notes/attempt-notes.spec.ts`, 'resolves after a tenth of a second if the storage does not answer'],
      ],
      'It stays until the next value': [
        [`${CONTRACT}/progress.contract.ts`, 'stays when the job is claimed again, and counts until its end'],
        [`${CONTRACT}/progress.contract.ts`, 'goes with the status'],
        [`${CONTRACT}/progress.contract.ts`, 'goes with a job that is dropped'],
      ],
      'Half a character is replaced': [
        [`${UNIT}/progress/progress.spec.ts`, 'has the replacement character in the place of halves of characters'],
        [`${UNIT}/support/error-text.spec.ts`, 'cuts between whole characters, and replaces halves of characters'],
      ],
      'A lost worker overwrites nothing': [
        [
          `${CONTRACT}/progress.contract.ts`,
          'of a lost consumer is refused, and what it told before stays until the next attempt tells more',
        ],
      ],
    },
  },
  [PLACES.groups]: {
    'What is promised': {
      'Groups are served in turn': [
        [`${CONTRACT}/groups.contract.ts`, 'are served in turn, a job each, and first in first out within one'],
        [
          `${CONTRACT}/groups.contract.ts`,
          'let the first job of a new group wait for one turn, however many jobs another group has',
        ],
        [`${E2E}/nest/groups.spec.ts`, 'is served in turn with the others, and is told to the handler in each attempt'],
      ],
      'First in, first out within a group': [
        [`${CONTRACT}/groups.contract.ts`, 'are served in turn, a job each, and first in first out within one'],
      ],
      'Within a group the one with the highest priority is next': [
        [`${CONTRACT}/group-priorities.contract.ts`, 'decides the order: higher first, first in first out within one'],
        [
          `${CONTRACT}/group-priorities.contract.ts`,
          'is kept over a delay: at the push, before a retry, and when an operator changes it',
        ],
      ],
      'Jobs without a group together are one side, all groups the other one': [
        [`${CONTRACT}/groups.contract.ts`, 'share the claims by halves with the jobs without a group'],
        [`${CONTRACT}/groups.contract.ts`, 'leave no place empty if the other side has too few jobs'],
      ],
      'A job keeps its group': [
        [
          `${CONTRACT}/groups.contract.ts`,
          'are kept over a delay: at the push, before a retry, and when an operator changes it',
        ],
        [`${CONTRACT}/groups.contract.ts`, 'are kept by %s, which puts the job behind the others of its group'],
        [
          `${CONTRACT}/groups.contract.ts`,
          'are kept by a failed job that an operator puts back, also into another queue',
        ],
      ],
      'A requeued job is the next one of its group': [
        [`${CONTRACT}/groups.contract.ts`, 'get requeued jobs back at their front, in the order of their claims'],
      ],
      'A job whose worker was lost comes first': [
        [`${CONTRACT}/groups.contract.ts`, 'do not count for a job whose worker was lost: it comes first'],
      ],
      'No worker claims ahead of a free slot': [
        [
          `${CONTRACT}/groups.contract.ts`,
          'ask for another poll as long as jobs are left, and let no consumer claim ahead',
        ],
      ],
    },
    Limits: {
      'Never more of a group at once': [
        [
          'test/chaos/faults/groups.spec.ts',
          'keep their limits, their order and their holds, while workers and Redis are killed and replies are lost',
        ],
        [`${CONTRACT}/group-limits.contract.ts`, 'run no more jobs than that, each of them, in all consumers together'],
        ['test/integration/redis/groups.spec.ts', 'never start too many jobs, forget none, and leave nothing'],
      ],
      'No window of a group holds more starts': [
        [
          'test/chaos/faults/groups.spec.ts',
          'keep their limits, their order and their holds, while workers and Redis are killed and replies are lost',
        ],
        [
          `${CONTRACT}/group-limits.contract.ts`,
          'start no more jobs than that in a window, each of them, wherever the window begins',
        ],
      ],
      'A blocked job costs nothing': [
        ['test/integration/worker/group-limits.spec.ts', 'sends what it sends on an empty one'],
        [`${CONTRACT}/group-limits.contract.ts`, 'keep no place in front of others, and no slot'],
        [
          `${CONTRACT}/group-limits.contract.ts`,
          'wake a listener with the settlement that frees a place, and with none before',
        ],
      ],
      '`counts(queue).blocked`': [
        [`${CONTRACT}/group-limits.contract.ts`, 'run no more jobs than that, each of them, in all consumers together'],
      ],
      'A recovered job waits for a place of its group': [
        [
          `${CONTRACT}/group-limits.contract.ts`,
          'let a recovered job wait that would be one too many, and those of other groups pass',
        ],
      ],
    },
    'Strict order': {
      'A job that waits for its next attempt, after a release, or for another worker after a crash holds its group back':
        [
          [
            'test/chaos/faults/groups.spec.ts',
            'keep their limits, their order and their holds, while workers and Redis are killed and replies are lost',
          ],
          [`${CONTRACT}/ordered-groups.contract.ts`, 'wait while their first job waits for %s'],
          [
            `${CONTRACT}/ordered-groups.contract.ts`,
            'wait while their first job waits for its recovery, and until it has ended',
          ],
        ],
    },
  },
  [PLACES.partitions]: {
    Guarantees: {
      'A job is in one partition': [
        [`${CONTRACT}/partitions.contract.ts`, 'stores each job in one partition, and tells the whole queue'],
        [`${CONTRACT}/partitions.contract.ts`, 'runs flows from partition to partition'],
      ],
      'Counts, statistics and lists are of the whole queue': [
        [`${CONTRACT}/partitions.contract.ts`, 'lists what is %s in one order, and walks through it while jobs go'],
        [`${CONTRACT}/partitions.contract.ts`, 'lists running and ended jobs by their times, and groups one by one'],
        [`${CONTRACT}/partitions.contract.ts`, 'adds its statistics up'],
        [`${E2E}/nest/partitions.spec.ts`, 'spreads its jobs, and is one queue for all who ask'],
      ],
      'Pause, clear, cancel, retry, flush and obliterate are of the whole queue': [
        [`${CONTRACT}/partitions.contract.ts`, 'is cancelled by id, and page by page'],
        [`${CONTRACT}/partitions.contract.ts`, 'is removed as a whole, unless a job runs'],
        [`${E2E}/nest/partitions.spec.ts`, 'is paused, resumed and cleared as one'],
        [`${E2E}/nest/partitions.spec.ts`, 'has its failed jobs retried, moved and flushed as one'],
      ],
      'A group is in one partition': [
        [`${CONTRACT}/partitions.contract.ts`, 'keeps the jobs of a group and of a key together'],
        [`${E2E}/nest/partitions.spec.ts`, 'keeps a group in order, and holds its limits'],
      ],
      'Limits of the queue are never exceeded': [
        [`${UNIT}/partitions/growth.spec.ts`, 'are whole numbers, of %d partitions together the limit'],
        [`${CONTRACT}/partitions.contract.ts`, 'is paused, held back and limited as a whole'],
        [`${E2E}/nest/partitions.spec.ts`, 'shares its limits out, and refuses those that cannot be'],
      ],
      'An id is of one job': [
        [
          `${CONTRACT}/partitions.contract.ts`,
          'knows an id in another partition as that of the same job, and refuses one of another job',
        ],
      ],
      'A worker serves all partitions in turn': [
        ['test/integration/worker/partitions.spec.ts', 'serves all of them at concurrency %d, none before all others'],
        [
          'test/integration/worker/partitions.spec.ts',
          'waits without polling while the queue is empty, and finds partitions that appear later',
        ],
        ['test/integration/worker/partitions.spec.ts', 'keeps the strict order of queues, and the slots of a pool'],
      ],
      'The number may grow': [
        [`${UNIT}/partitions/growth.spec.ts`, 'may grow: jobs that wait stay where they are, and are known'],
        [
          'test/integration/worker/partitions.spec.ts',
          'serves the partitions that it finds beyond its number when it starts, also as a worker of every queue',
        ],
      ],
      'If a master is away, the other partitions go on': [
        [
          'test/integration/redis/connections/partitions.spec.ts',
          'loses nothing while a master is away, and its other partitions go on',
        ],
      ],
    },
  },
  [PLACES.priority]: {
    Priority: {
      'First in, first out within one priority': [
        [`${CONTRACT}/priority.contract.ts`, 'decides the order: higher first, first in first out within one'],
      ],
      'Within its group': [
        [`${CONTRACT}/group-priorities.contract.ts`, 'decides the order: higher first, first in first out within one'],
        [`${CONTRACT}/group-priorities.contract.ts`, 'does not count between groups: they are served in turn'],
      ],
      'A job keeps its priority': [
        [
          `${CONTRACT}/priority.contract.ts`,
          'is kept over a delay: at the push, before a retry, and when an operator changes it',
        ],
        [`${CONTRACT}/priority.contract.ts`, 'is kept by %s, which puts the job behind the others of its priority'],
        [
          `${CONTRACT}/priority.contract.ts`,
          'is kept by a failed job that an operator puts back, also into another queue',
        ],
      ],
      'Lower priorities are not starved': [
        [`${CONTRACT}/priority.contract.ts`, 'lets one of 20 claimed jobs be the oldest one of the lowest priority'],
        [
          `${CONTRACT}/group-priorities.contract.ts`,
          'lets one of 20 claimed jobs of each group be the oldest one of the lowest priority',
        ],
        [`${E2E}/nest/priority.spec.ts`, 'leaves the lowest one a share of %p'],
      ],
      'No worker claims ahead of a free slot': [
        [
          `${CONTRACT}/priority.contract.ts`,
          'lets no consumer claim ahead while such jobs wait: a later one may come before them',
        ],
      ],
      'A job whose worker was lost comes first': [
        [`${CONTRACT}/priority.contract.ts`, 'does not count for a job whose worker was lost: it comes first'],
      ],
    },
    'A new priority': {
      'A job with a new priority goes to the end of that priority': [
        [`${CONTRACT}/set-priority.contract.ts`, 'puts a ready job to the end of that priority'],
        [`${CONTRACT}/set-priority.contract.ts`, 'lets a job keep its turn that has it already'],
        [`${CONTRACT}/set-priority.contract.ts`, 'counts within the group of a job, which keeps its turn'],
        [`${CONTRACT}/set-priority.contract.ts`, 'does not let others pass a job that comes back'],
      ],
      'The new priority stays': [
        [`${CONTRACT}/set-priority.contract.ts`, 'is kept over %s'],
        [`${CONTRACT}/set-priority.contract.ts`, 'is kept in another queue'],
        [`${CONTRACT}/set-priority.contract.ts`, 'is written into the record, and leaves the rest of it as it is'],
      ],
    },
  },
  [PLACES.logs]: {
    'The log of a job': {
      'The last 100 lines of all attempts': [
        [`${CONTRACT}/logs.contract.ts`, 'has the last 100 lines, of all attempts'],
        [
          'test/integration/worker/logs.spec.ts',
          'has the lines of all attempts, of failed(), and those that nobody waits for, each once',
        ],
        ['test/integration/worker/logs.spec.ts', 'has the lines of cancelled()'],
      ],
      'As long as the record': [
        [`${CONTRACT}/logs.contract.ts`, 'of a %s job whose id is taken'],
        [`${CONTRACT}/logs.contract.ts`, 'of a %s job that is removed'],
        [`${CONTRACT}/logs.contract.ts`, 'of a %s job that is not kept'],
        [`${CONTRACT}/logs.contract.ts`, 'of a job whose time is over'],
        [`${CONTRACT}/logs.contract.ts`, 'of a job that is cleared'],
        [`${CONTRACT}/logs.contract.ts`, 'of a cancelled job whose id is taken, and not before'],
        [`${CONTRACT}/logs.contract.ts`, 'of a queue that is obliterated'],
        [`${CONTRACT}/logs.contract.ts`, 'stays when a failed job is put back, and goes on'],
      ],
      'At most ten writes a second': [
        [`${UNIT}/notes/attempt-notes.spec.ts`, 'are sent at most ten times a second'],
        [`${UNIT}/notes/attempt-notes.spec.ts`, 'wait in memory as many as are kept, however many there are'],
        ['test/integration/worker/logs.spec.ts', 'has the last 100 lines, however fast they come'],
      ],
      'Each line once': [
        [`${CONTRACT}/logs.contract.ts`, 'takes each line once, in whatever notes and settlements it comes'],
        [`${CONTRACT}/logs.contract.ts`, 'comes with the settlement %s, too, and only if that is accepted'],
        ['test/integration/worker/logs.spec.ts', 'of quick jobs is written with their ends alone'],
      ],
      'A killed worker loses the last moment only': [
        ['test/chaos/faults/logs.spec.ts', 'keeps the lines that were written, in their order, each once'],
      ],
      'A lost worker adds nothing': [
        [`${CONTRACT}/logs.contract.ts`, 'is written by nobody but the consumer that holds the job'],
      ],
    },
  },
  [PLACES.security]: {
    'What an attacker with write access cannot do': {
      'Run a class that is not registered': [
        [
          `${UNIT}/worker/executor/records.spec.ts`,
          'puts the job back if its name has no registered class, and the log warns once',
        ],
      ],
      'Run code by data': [
        ['test/fuzz/payloads.fuzz.spec.ts', 'comes back by the rules, or is refused before anything is written'],
        [
          'test/fuzz/payloads.fuzz.spec.ts',
          'carried by a job comes back in an instance of its class, or is refused before anything is written',
        ],
      ],
      'Keep a worker busy with one job for ever': [
        [
          `${UNIT}/worker/executor/crashes.spec.ts`,
          'fails after its consumers were lost 3 times, and its failed() is called',
        ],
      ],
    },
  },
  [PLACES.cli]: {
    Processes: {
      'A process that dies is started again': [
        [
          `${E2E}/cli/processes.spec.ts`,
          'starts a process again that has died, passes signals on, answers probes for all, and stops all',
        ],
        [`${E2E}/cli/processes.spec.ts`, 'ends with the exit code of its processes if the application does not start'],
      ],
      'A signal reaches all processes': [
        [
          `${E2E}/cli/processes.spec.ts`,
          'starts a process again that has died, passes signals on, answers probes for all, and stops all',
        ],
        [`${E2E}/cli/processes.spec.ts`, 'ends its processes in order if it is killed itself'],
      ],
    },
  },
  [PLACES.queueCommand]: {
    queue: {
      'It changes no more than it says': [
        ['test/integration/cli/queue.spec.ts', 'refuses "%s" with the exit code 2 and a hint'],
        ['test/integration/cli/queue.spec.ts', 'clears a queue only with --force, or after a question'],
      ],
      'Texts of jobs cannot control the terminal': [
        ['test/integration/cli/queue.spec.ts', 'leaves out the control characters of jobs'],
      ],
    },
    'Pushing as the application does': {
      'Plain data is never pushed among encrypted data without a word': [
        ['test/integration/cli/queue.spec.ts', 'refuses to push plain data into a queue whose jobs are encrypted'],
        [
          'test/integration/cli/queue.spec.ts',
          'says that pushed data is not encoded as long as no job tells if the application encodes data',
        ],
      ],
    },
    Doctor: {
      'An application warns of each fault when it starts': [
        ['test/integration/redis/doctor.spec.ts', 'warns at the start of each fault in one line'],
      ],
    },
  },
  [PLACES.prometheus]: {
    'Metrics for Prometheus': {
      'A scrape asks the storage once': [
        [`${E2E}/nest/metrics.spec.ts`, 'ask the storage once for all gauges of a scrape'],
      ],
      'A storage that is away fails no scrape': [
        [
          `${E2E}/nest/metrics.spec.ts`,
          'keep the counters, and say that the storage is away, if it does not answer in two seconds, or refuses',
        ],
      ],
      'Nothing is left behind': [
        [
          `${E2E}/nest/metrics.spec.ts`,
          'leave nothing in the registry when the application stops, and refuse one that has them',
        ],
      ],
    },
  },
  [PLACES.otel]: {
    'Tracing with OpenTelemetry': {
      'A failed attempt has the status ERROR': [
        [`${E2E}/nest/tracing.spec.ts`, 'have the status ERROR for each failed attempt, and its type'],
        [`${E2E}/nest/tracing.spec.ts`, 'tell the outcome of a job that %s'],
      ],
      'The span of an attempt is active in its handler': [
        [`${E2E}/nest/tracing.spec.ts`, 'are active in the handler, with the baggage of the push (parent: %s)'],
        [`${E2E}/nest/tracing.spec.ts`, 'link a job that a job pushed to the push in that job'],
      ],
      'Nothing else has spans': [
        [`${E2E}/nest/tracing.spec.ts`, 'are one for each job of a bulk push, and none for an idle worker'],
      ],
    },
  },
  [PLACES.health]: {
    Liveness: {
      'Redis alone never ends the liveness': [
        ['test/integration/worker/liveness.spec.ts', 'outlasts a Redis that is gone, and one that hangs'],
        ['test/integration/worker/liveness.spec.ts', 'is not lost while the storage says that it is away'],
        [
          'test/integration/worker/liveness.spec.ts',
          'outlasts a half-open connection, because the worker leaves it and works on',
        ],
      ],
      'A stuck loop ends the liveness after 30 seconds': [
        [
          'test/integration/worker/liveness.spec.ts',
          'ends half a minute after the loop got stuck in a poll, and comes back with the answer',
        ],
        [
          'test/integration/worker/liveness.spec.ts',
          'ends if the loop is stuck in a wait for jobs that should have ended',
        ],
      ],
    },
    Checks: {
      'A check never rejects': [
        [`${E2E}/nest/health.spec.ts`, 'is down with the wrong option %j, and does not reject'],
        [`${E2E}/nest/health.spec.ts`, 'answers 503 within the time limit while Redis hangs'],
      ],
      'A paused queue is not late': [
        [`${E2E}/nest/health.spec.ts`, 'is down if a job has been ready for too long, unless its queue is paused'],
      ],
    },
  },
  [PLACES.lists]: {
    'What it promises': {
      'The lists are true while jobs move': [
        [`${CONTRACT}/lists.contract.ts`, 'has each job in the list of its state, and the totals agree'],
        [`${CONTRACT}/lists.contract.ts`, 'skips no ready job that stays, %s first'],
        [`${CONTRACT}/lists.contract.ts`, 'skips no delayed or failed job that stays, %s first'],
      ],
      'A page is short for the server': [
        [`${CONTRACT}/lists.contract.ts`, 'looks at a bounded number of jobs, and walks on'],
        ['test/integration/redis/lists.spec.ts', 'looks at no more jobs than a page needs, however deep it is'],
      ],
      '`blocked` is what `counts()` counts': [
        [`${CONTRACT}/blocked-lists.contract.ts`, 'have the ready jobs of full groups alone, until a place is free'],
        [`${CONTRACT}/blocked-lists.contract.ts`, 'have all of its ready jobs while it is full, recovered ones too'],
        ['test/integration/redis/lists.spec.ts', 'look at no job for a page of blocked ones while none is blocked'],
      ],
      'A job that cannot be read fails no page': [
        ['test/unit/lists/job-lists.spec.ts', 'tells why data is not readable, and the rest of the job'],
      ],
    },
  },
  [PLACES.admin]: {
    Pauses: {
      'No job of a paused queue starts': [
        [`${CONTRACT}/pause.contract.ts`, 'hands out no job, neither a ready one nor a recovered one, and says so'],
        [
          'test/integration/worker/pause.spec.ts',
          'starts no job after pause() has resolved, and all of them after resume()',
        ],
        [`${E2E}/nest/admin.spec.ts`, 'pauses a queue until it is resumed, and counts what ran'],
      ],
    },
    'Failed jobs': {
      'A job that two operators retry runs once': [
        [`${E2E}/nest/admin.spec.ts`, 'puts failed jobs back, once each, and removes them'],
        [
          'test/integration/redis/faults/mending.spec.ts',
          'runs each job once if two operators put all back at once, and answers are lost',
        ],
      ],
    },
    'Into another queue': {
      'A job that moves is neither lost nor run twice': [
        [
          'test/integration/redis/faults/moves.spec.ts',
          'goes on with the jobs of an operator that died after the step %s',
        ],
        [
          'test/integration/redis/faults/moves.spec.ts',
          'moves each job once, and counts it, if the reply to the script that %s is lost',
        ],
        ['test/integration/redis/connections/cluster-mending.spec.ts', 'moves jobs to a queue in another slot'],
      ],
    },
    'Whole queues': {
      'An `obliterate` that breaks off leaves a queue that works': [
        ['test/integration/redis/faults/mending.spec.ts', 'leaves a queue whose jobs run once, after %i calls'],
        ['test/integration/redis/faults/mending.spec.ts', 'is ended by a call that follows'],
      ],
    },
  },
  [PLACES.cancellation]: {
    'Cancelling jobs': {
      'A job that rejects after that is cancelled': [
        [
          'test/integration/worker/cancel.spec.ts',
          'gets its signal aborted, and ends without a retry; its cancelled() is called once, before the status is written',
        ],
      ],
      'A job that completes nevertheless is completed': [
        ['test/integration/worker/cancel.spec.ts', 'that completes nevertheless is completed'],
      ],
      '`cancelled()` is called once': [
        [
          'test/integration/worker/cancel.spec.ts',
          'gets its signal aborted, and ends without a retry; its cancelled() is called once, before the status is written',
        ],
        ['test/e2e/nest/cancel.spec.ts', 'tells a job that carries its data %s'],
        ['test/unit/cancellation/cancelled-jobs.spec.ts', 'is made for its cancelled(), and does not run (%o)'],
      ],
      'A job that was claimed ahead ends without `handle`': [
        [
          'test/integration/worker/cancel.spec.ts',
          'that was claimed ahead ends without handle, although all slots are busy',
        ],
      ],
      'The signal comes within 100 ms': [
        [
          'test/integration/worker/cancel-latency.spec.ts',
          'is aborted within 100 ms in 99 of 100 cases, by another process',
        ],
        [`${CONTRACT}/cancel.contract.ts`, 'calls its consumer by the next sign of life if the signal is lost'],
      ],
      'A cancelled job does not run again': [
        [
          'test/integration/worker/cancel.spec.ts',
          'whose worker is lost does not run again: the next worker calls its cancelled()',
        ],
        ['test/integration/worker/cancel.spec.ts', 'that a stopped worker requeues is ended by the next one'],
        ['test/chaos/faults/cancel.spec.ts', 'do not run again after the worker was killed'],
      ],
      'A job that waits for its next attempt ends at once': [
        [`${CONTRACT}/cancel.contract.ts`, 'that waits for its next attempt ends at once'],
        ['test/integration/worker/cancel.spec.ts', 'that waits for its next attempt ends without its cancelled()'],
      ],
      'Its id is free at once': [
        [`${CONTRACT}/cancel.contract.ts`, 'leaves its id free: a job that is pushed under it runs once'],
      ],
    },
  },
  [PLACES.middleware]: {
    Middleware: {
      'The first one is the outermost': [
        [
          `${E2E}/nest/middleware.spec.ts`,
          'runs in its order, that of the module outside of that of the class, and passes the result on',
        ],
      ],
    },
    'Around attempts': {
      '`handle` runs around the attempt': [
        [`${E2E}/nest/middleware.spec.ts`, 'runs outside of guards and interceptors'],
      ],
      '`next` runs the rest once': [
        [`${E2E}/nest/middleware.spec.ts`, 'runs the rest of the attempt once, however often it calls next'],
      ],
      'An `AsyncLocalStorage` that it enters reaches the handler': [
        [
          `${E2E}/nest/middleware.spec.ts`,
          'passes an AsyncLocalStorage that it enters to the handler, and the next job has none of it',
        ],
      ],
    },
    'Around pushes': {
      '`push` runs once for each job': [
        [`${E2E}/nest/middleware.spec.ts`, 'runs once for each job, and may add to its labels'],
      ],
    },
  },
  [PLACES.context]: {
    'The context of a push': {
      'It is restored around all that runs for the job': [
        [`${E2E}/nest/carriers.spec.ts`, 'is restored around middleware, guards, handle and what they wait for'],
        [`${E2E}/nest/carriers.spec.ts`, 'is restored in each attempt and around failed(), and around cancelled()'],
        [`${E2E}/nest/carriers.spec.ts`, 'is restored around the listeners of each event, and ends with them'],
        [`${E2E}/nest/carriers.spec.ts`, 'is there when request-scoped providers are made'],
      ],
      'It is passed on': [
        [
          `${E2E}/nest/carriers.spec.ts`,
          'is captured for each call of pushMany and later, and is passed on to jobs that jobs push',
        ],
        [`${E2E}/nest/carriers.spec.ts`, 'is passed on by failed() and by a listener'],
      ],
      'Nothing leaks from one job into another': [
        [
          `${E2E}/nest/carriers.spec.ts`,
          'does not leak into other jobs, and jobs that run at the same time have their own',
        ],
      ],
    },
  },
  [PLACES.deferral]: {
    deferPushes: {
      'The pushes of the callback are stored together when it has resolved': [
        [
          `${UNIT}/deferral/defer-pushes.spec.ts`,
          'stores the pushes of its callback together, in their order, when it has resolved',
        ],
        [
          `${UNIT}/deferral/defer-pushes.spec.ts`,
          'drops them if its callback rejects or throws, also those that come late',
        ],
      ],
      'Each push is checked when it is made': [
        [`${UNIT}/deferral/defer-pushes.spec.ts`, 'checks a push when it is made, and stores its data as it was then'],
      ],
      'A nested call joins the outer one': [
        [`${UNIT}/deferral/defer-pushes.spec.ts`, 'joins the outer one, and keeps the order of the pushes'],
        [
          `${UNIT}/deferral/defer-pushes.spec.ts`,
          'drops its own pushes if it rejects and the outer one goes on, as a savepoint does',
        ],
      ],
      'A deferred job cannot be waited for': [
        [
          `${UNIT}/deferral/defer-pushes.spec.ts`,
          'is rejected at once: pushAndWait(), which pushes nothing, and waitFor()',
        ],
      ],
    },
  },
  [PLACES.testing]: {
    'A module under test': {
      'Nothing runs by itself': [
        [`${E2E}/testing/fake-queue.spec.ts`, 'drains all queues, and the jobs that jobs push, and lets no time pass'],
      ],
    },
    'What was pushed': {
      'The data is really serialized': [
        [`${E2E}/testing/fake-queue.spec.ts`, 'tells what was pushed: a copy of the data, and where and when'],
      ],
      'What was pushed stays told': [
        [`${E2E}/testing/fake-queue.spec.ts`, 'still tells it when the job has run, and leaves out what added nothing'],
        [`${E2E}/testing/fake-queue.spec.ts`, 'tells the last data of pushes that are put together'],
      ],
      'The assertions are those of `node:assert`': [
        [`${E2E}/testing/fake-queue.spec.ts`, 'asserts, and its errors show what was pushed'],
      ],
    },
    Time: {
      '`travel` runs each job at its time': [
        [`${E2E}/testing/fake-queue.spec.ts`, 'travels: what becomes due runs at its time'],
        [`${E2E}/testing/fake-queue.spec.ts`, 'travels past limits, pauses and waits'],
      ],
    },
  },
  [PLACES.validation]: {
    'Checked data': {
      'Nothing is written of invalid data': [
        [`${E2E}/nest/validation.spec.ts`, 'is checked by each push, before anything is written'],
      ],
      'An invalid job fails for good': [
        [
          `${E2E}/nest/validation.spec.ts`,
          'is checked again before handle: an invalid job fails for good, and nothing of it is called',
        ],
        [
          'test/fuzz/codecs.fuzz.spec.ts',
          'is refused by the schema of its job, if it can be read: handle gets nothing else than the schema allows',
        ],
      ],
      'The `timeout` of a job covers the check of its data': [
        [
          `${UNIT}/worker/executor/timeout.spec.ts`,
          'ends an attempt whose check takes too long, and does not call the handler',
        ],
        [`${UNIT}/worker/executor/timeout.spec.ts`, 'leaves the handler what the check has left of it'],
      ],
      'The input is stored, the handler gets the output': [
        [`${E2E}/nest/validation.spec.ts`, 'is given to handle as the schema has made it, and stored as it was pushed'],
      ],
    },
  },
  [PLACES.versions]: {
    'Versions of data': {
      'Older data is lifted before it is checked': [
        [
          `${E2E}/nest/versions.spec.ts`,
          'gets older data lifted before it is checked, and data of its version as it is',
        ],
        [`${E2E}/nest/versions.spec.ts`, 'fails for good if what was lifted is invalid'],
      ],
      'Newer data is put back': [
        [`${E2E}/nest/versions.spec.ts`, 'is put back uncounted if its data is newer than this process knows'],
        [
          `${UNIT}/versions/newer-versions.spec.ts`,
          'puts data of version %p back where %p is known, and fails it after a day',
        ],
      ],
    },
  },
  [PLACES.codecs]: {
    'Compression and encryption': {
      'Each record is read as it was written': [
        [`${UNIT}/job/codec-chain.spec.ts`, 'reads a text by its marks, whatever the order of the codecs is now'],
        [`${E2E}/nest/codecs.spec.ts`, 'runs jobs that were pushed before it had codecs'],
        [
          'test/fuzz/codecs.fuzz.spec.ts',
          'gives each value back that the serializer gives back, whatever the order of the codecs of the reader is',
        ],
      ],
      'Nothing is lost for want of a key': [
        [
          `${E2E}/nest/codecs.spec.ts`,
          'puts a job back whose key is missing, tells of it, and loses nothing: it runs when the key is there',
        ],
        [
          `${UNIT}/codecs/missing-codecs.spec.ts`,
          'puts a job back that was unreadable for %d ms, for %d s, and never fails it',
        ],
      ],
      'What was changed is refused': [
        ['test/fuzz/codecs.fuzz.spec.ts', 'is refused with a typed error: nothing of it is run, and nothing is lost'],
      ],
    },
    'compress()': {
      'Small records cannot become large memory': [
        [`${UNIT}/codecs/compress.spec.ts`, 'refuses to make more than the limit of what is small'],
        ['test/fuzz/codecs.fuzz.spec.ts', 'is refused with a typed error: nothing of it is run, and nothing is lost'],
      ],
    },
    'encrypt()': {
      'The id and the name of the job are authenticated': [
        [`${E2E}/nest/codecs.spec.ts`, 'fails a job whose record is put in the place of another one, and keeps it'],
        [`${UNIT}/job/job-codec.spec.ts`, 'refuses data under %s'],
      ],
      'Key rotation': [
        [`${UNIT}/codecs/encrypt.spec.ts`, 'writes with the current key and names it, and reads with each key'],
      ],
      '`required: true` refuses what is not encrypted': [
        [`${UNIT}/job/job-codec.spec.ts`, 'refuses data that is not encrypted, if that is required'],
        ['test/fuzz/codecs.fuzz.spec.ts', 'is refused with a typed error: nothing of it is run, and nothing is lost'],
      ],
    },
  },
  [PLACES.events]: {
    Events: {
      'What a listener throws harms nobody': [
        [`${E2E}/nest/events.spec.ts`, 'harms nobody with what it throws or rejects with, and that is logged'],
        [`${E2E}/nest/events.spec.ts`, 'stops with its subscription, and survives a subscriber that throws'],
      ],
      'A job of a flow or a schedule is told of when it is pushed': [
        [`${CONTRACT}/observer.contract.ts`, 'hears of each job of a flow when it is pushed, once'],
        [`${CONTRACT}/observer.contract.ts`, 'hears of the jobs of schedules, but not of one whose key is taken'],
        [
          `${E2E}/nest/flow-events.spec.ts`,
          'tells of jobs of flows when they are pushed, with their metadata, and of those of schedules',
        ],
      ],
      'The end of a flow is told by the process that noticed it': [
        [
          `${CONTRACT}/observer.contract.ts`,
          'hears of the end of a workflow when nothing of it can run, after the push of its callbacks',
        ],
        [`${E2E}/nest/flow-events.spec.ts`, 'tell of each end when it has come: after a retry once more'],
      ],
    },
    'Events of all processes': {
      'The last `keep` events are kept': [
        [
          `${CONTRACT}/events.contract.ts`,
          'keeps at least the last events, and hardly more, however many come at once',
        ],
        [
          'test/integration/redis/events/everywhere.spec.ts',
          'take no more room than the last ones need, and none after a day',
        ],
      ],
      'A listener that was killed resumes': [
        [
          'test/integration/redis/events/everywhere.spec.ts',
          'are heard again by a listener that was killed, from the last one on that it has handled',
        ],
      ],
      'A slow listener slows nobody down': [
        [
          'test/integration/redis/events/everywhere.spec.ts',
          'slow nobody down while a listener is stopped, and are there when it goes on, as far as they are kept',
        ],
      ],
      'The end of a flow is told at least once': [
        [
          'test/integration/redis/events/everywhere.spec.ts',
          'tell of the pushes and of the end of a flow, whichever process is at its turn',
        ],
        [
          'test/integration/redis/faults/flows.spec.ts',
          'push each node once after all before it, and lose neither a node nor a callback',
        ],
        [
          'test/integration/redis/faults/batches.spec.ts',
          'push each member once, and lose neither a member nor a callback',
        ],
      ],
    },
  },
  [PLACES.board]: {
    'Who may use it': {
      'Every path below that of the board is behind the guards': [
        [`${E2E}/board/guards.spec.ts`, 'keep everybody out of every path below it that they do not let in'],
        [`${E2E}/board/guards.spec.ts`, 'come behind the global ones, and hold below a global prefix'],
      ],
      'Without guards the application does not start in production': [
        [`${E2E}/board/guards.spec.ts`, 'does not start in production, unless that is said'],
        [`${E2E}/board/guards.spec.ts`, 'is warned of elsewhere'],
      ],
      'A board that is read only changes nothing': [
        [`${E2E}/board/pages.spec.ts`, 'and bull-board change nothing on a board that is read only'],
      ],
      'A page of another site cannot use the rights of an operator': [
        [
          `${E2E}/board/guards.spec.ts`,
          'are not the only fence: a request that a page of another site could send is refused',
        ],
        [`${UNIT}/board/requests.spec.ts`, '%s with %j: forged %s'],
      ],
    },
    'What it costs': {
      'Ten open pages over thirty queues cost Redis less than 100 commands a second': [
        [
          `${E2E}/board/cost.spec.ts`,
          'of all queues cost Redis less than a hundred commands a second, those in scripts included',
        ],
        [`${E2E}/board/cost.spec.ts`, 'of which half shows the jobs of one queue cost less than that, too'],
        [
          `${UNIT}/board/reads.spec.ts`,
          'are told again for longer, the more queues there are, but for the queue that is shown',
        ],
      ],
      'Nothing is asked of anybody else': [
        [
          `${E2E}/board/browser.spec.ts`,
          'has asked nobody else for anything, has run no foreign script, and has broken no rule of its policy',
        ],
      ],
      'A strict Content-Security-Policy works': [
        [
          `${E2E}/board/pages.spec.ts`,
          'come with a policy that lets nothing in from elsewhere, unless the application has its own',
        ],
        [
          `${E2E}/board/browser.spec.ts`,
          'has asked nobody else for anything, has run no foreign script, and has broken no rule of its policy',
        ],
      ],
      'Names, data and errors are shown as text': [
        [`${E2E}/board/pages.spec.ts`, 'show hostile names, data, errors, tags and searches as text'],
        [`${E2E}/board/browser.spec.ts`, "shows a failed job's stack as text, and retries the job"],
        [`${UNIT}/board/pages.spec.ts`, 'escapes texts, and nothing else'],
      ],
    },
  },
  [PLACES.guarantees]: { Promised: GUARANTEES },
};

/** Picks some promises, in the order of the names. */
function pick(proofs: Proofs, names: readonly (keyof typeof GUARANTEES)[]): Proofs {
  return Object.fromEntries(names.map((name) => [name, proofs[name]!]));
}
