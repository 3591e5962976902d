/**
 * Who may import whom, from the ground up:
 *
 *   errors(/), options(/), tokens, job/, support/  <-  drivers/*.interface
 *     <-  drivers/*, decorators, discovery  <-  middleware, polling  <-  events, unknown-names, recovery
 *     <-  reserve  <-  dispatch | worker | admin  <-  queue.factory, queue.module, index
 *
 * A folder of one feature (unknown-names, recovery) imports job/, the driver contract and a seam (middleware), never another
 * feature.
 *
 * `cli` is a user of the package: it sees the public names, `support/`, and what a queue may be called.
 */
const GROUND = '^lib/(queue\\.(errors|options|tokens)\\.ts$|errors/|options/|job/|support/)';
const DRIVER_CONTRACT = '^lib/drivers/[\\w-]+\\.interface\\.ts$';

/** The seams: features plug their stages in there. */
const MIDDLEWARE = '^lib/middleware/';
const CONTEXT = '^lib/context/';
const EVENTS = '^lib/events/';
const UNKNOWN_NAMES = '^lib/unknown-names/';
const DEBOUNCE = '^lib/debounce/';
const DEFERRAL = '^lib/deferral/';
const UNIQUE = '^lib/unique/';
const GROUPS = '^lib/groups/';
const RECOVERY = '^lib/recovery/';
const CANCELLATION = '^lib/cancellation/';
const EXPIRY = '^lib/expiry/';
const RETRIES = '^lib/retries/';
const NOTES = '^lib/notes/';
const PROGRESS = '^lib/progress/';
const LOGS = '^lib/logs/';
const RESULTS = '^lib/results/';
const CHECKPOINTS = '^lib/checkpoints/';
const STATS = '^lib/stats/';
const RETENTION = '^lib/retention/';
const MENDING = '^lib/mending/';
const WAITING = '^lib/waiting/';
const LISTS = '^lib/lists/';
const WORKERS = '^lib/workers/';
const CHUNKS = '^lib/chunks/';
const FLOWS = '^lib/flows/';
const VALIDATION = '^lib/validation/';
const VERSIONS = '^lib/versions/';
const CODECS = '^lib/codecs/';
const BOARD = '^lib/board/';
const SCHEDULES = '^lib/schedules/';
const POLLING = '^lib/polling/';
const PARTITIONS = '^lib/partitions/';

/** A layer may import itself, packages, and what is named; nothing else of lib/. */
function layer(name, from, allowed) {
  return {
    name,
    severity: 'error',
    from: { path: from },
    to: { path: '^lib/', pathNot: [from, ...allowed] },
  };
}

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A module that nothing imports is dead.',
      severity: 'error',
      from: {
        orphan: true,
        path: '^lib/',
        pathNot: ['^lib/((board|otel|prometheus|testing)/)?index\\.ts$', '^lib/cli/(queue/)?main\\.ts$'],
      },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },

    layer('ground', GROUND, []),
    layer('driver-contract', DRIVER_CONTRACT, [GROUND]),
    layer('driver-array', '^lib/drivers/array/', [GROUND, DRIVER_CONTRACT]),
    layer('driver-redis', '^lib/drivers/redis/', [GROUND, DRIVER_CONTRACT]),
    // It stands around a driver, and knows none.
    layer('partitions', PARTITIONS, [GROUND, DRIVER_CONTRACT]),
    // Types alone: they say what a listener and a schedule take.
    layer('decorators', '^lib/decorators/', [
      GROUND,
      '^lib/events/queue-event\\.interface\\.ts$',
      '^lib/schedules/schedule-options\\.interface\\.ts$',
    ]),
    layer('listeners', '^lib/listeners/', [GROUND, EVENTS, '^lib/decorators/', '^lib/discovery/']),
    layer('polling', POLLING, [GROUND, DRIVER_CONTRACT]),
    layer('middleware', MIDDLEWARE, [GROUND, DRIVER_CONTRACT, '^lib/discovery/registered-job\\.interface\\.ts$']),
    layer('context', CONTEXT, [GROUND]),
    layer('events', EVENTS, [GROUND, DRIVER_CONTRACT, MIDDLEWARE, CONTEXT]),
    layer('unknown-names', UNKNOWN_NAMES, [GROUND, DRIVER_CONTRACT, MIDDLEWARE]),
    layer('recovery', RECOVERY, [GROUND, DRIVER_CONTRACT, MIDDLEWARE]),
    layer('cancellation', CANCELLATION, [GROUND, DRIVER_CONTRACT, MIDDLEWARE, EVENTS]),
    layer('expiry', EXPIRY, [GROUND, DRIVER_CONTRACT, MIDDLEWARE]),
    layer('retries', RETRIES, [GROUND, DRIVER_CONTRACT, MIDDLEWARE]),
    layer('notes', NOTES, [GROUND, DRIVER_CONTRACT]),
    layer('progress', PROGRESS, [GROUND]),
    layer('logs', LOGS, [GROUND]),
    layer('results', RESULTS, [GROUND]),
    layer('checkpoints', CHECKPOINTS, [GROUND]),
    layer('validation', VALIDATION, [GROUND]),
    layer('versions', VERSIONS, [GROUND, MIDDLEWARE]),
    layer('codecs', CODECS, [GROUND, MIDDLEWARE]),
    layer('stats', STATS, [GROUND, DRIVER_CONTRACT]),
    layer('debounce', DEBOUNCE, [GROUND, DRIVER_CONTRACT, MIDDLEWARE]),
    layer('deferral', DEFERRAL, [GROUND, DRIVER_CONTRACT, MIDDLEWARE]),
    layer('outbox', '^lib/outbox/', [GROUND, '^lib/dispatch/']),
    layer('unique', UNIQUE, [GROUND, DRIVER_CONTRACT]),
    layer('groups', GROUPS, [GROUND]),
    layer('retention', RETENTION, [GROUND, DRIVER_CONTRACT]),
    layer('lists', LISTS, [GROUND, DRIVER_CONTRACT]),
    layer('mending', MENDING, [GROUND, DRIVER_CONTRACT]),
    layer('workers', WORKERS, [GROUND, DRIVER_CONTRACT]),
    layer('chunks', CHUNKS, [GROUND, '^lib/discovery/registered-job\\.interface\\.ts$']),
    layer('flows', FLOWS, [GROUND, DRIVER_CONTRACT, MIDDLEWARE]),
    layer('schedules', SCHEDULES, [GROUND, DRIVER_CONTRACT, MIDDLEWARE, '^lib/decorators/', '^lib/discovery/']),
    layer('waiting', WAITING, [GROUND, DRIVER_CONTRACT, MIDDLEWARE]),
    layer('reserve', '^lib/reserve/', [
      GROUND,
      DRIVER_CONTRACT,
      POLLING,
      RECOVERY,
      STATS,
      RETENTION,
      CANCELLATION,
      EXPIRY,
      RETRIES,
      '^lib/decorators/',
      '^lib/discovery/',
    ]),
    layer('discovery', '^lib/discovery/', [GROUND, '^lib/decorators/']),
    layer('dispatch', '^lib/dispatch/', [
      GROUND,
      DRIVER_CONTRACT,
      MIDDLEWARE,
      CONTEXT,
      EVENTS,
      RECOVERY,
      CANCELLATION,
      LISTS,
      PROGRESS,
      RESULTS,
      WAITING,
      UNIQUE,
      GROUPS,
      DEBOUNCE,
      DEFERRAL,
      FLOWS,
      VALIDATION,
      '^lib/reserve/',
      '^lib/decorators/',
      '^lib/discovery/',
    ]),
    layer('worker', '^lib/worker/', [
      GROUND,
      DRIVER_CONTRACT,
      MIDDLEWARE,
      CONTEXT,
      EVENTS,
      UNKNOWN_NAMES,
      POLLING,
      RECOVERY,
      RETENTION,
      CANCELLATION,
      EXPIRY,
      RETRIES,
      NOTES,
      PROGRESS,
      LOGS,
      CHECKPOINTS,
      RESULTS,
      STATS,
      WORKERS,
      CHUNKS,
      VALIDATION,
      VERSIONS,
      CODECS,
      SCHEDULES,
      FLOWS,
      '^lib/decorators/',
      '^lib/discovery/',
    ]),
    layer('admin', '^lib/admin/', [
      GROUND,
      DRIVER_CONTRACT,
      STATS,
      LISTS,
      WORKERS,
      MENDING,
      CANCELLATION,
      PROGRESS,
      RESULTS,
      EVENTS,
      '^lib/discovery/',
    ]),
    // It composes, as the administration does.
    layer('health', '^lib/health/', [GROUND, DRIVER_CONTRACT, '^lib/admin/', '^lib/worker/']),
    // Entry points of the package of their own: they see what an application sees.
    ...['otel', 'prometheus'].map((name) =>
      layer(name, `^lib/${name}/`, ['^lib/index\\.ts$', '^lib/queue\\.tokens\\.ts$', '^lib/support/']),
    ),
    // An entry point of its own: nothing of the library imports it.
    layer('board', BOARD, [
      GROUND,
      DRIVER_CONTRACT,
      STATS,
      LISTS,
      WORKERS,
      FLOWS,
      '^lib/schedules/',
      '^lib/admin/queue-admin\\.ts$',
      '^lib/dispatch/queue\\.manager\\.ts$',
    ]),
    {
      name: 'board-stands-on-top',
      severity: 'error',
      from: { path: '^lib/', pathNot: [BOARD] },
      to: { path: BOARD },
    },
    layer('testing', '^lib/testing/', [
      GROUND,
      DRIVER_CONTRACT,
      VALIDATION,
      CHUNKS,
      '^lib/queue[.-]',
      '^lib/drivers/array/array\\.driver\\.ts$',
      '^lib/dispatch/',
      '^lib/discovery/',
      '^lib/worker/',
    ]),
    layer('cli', '^lib/cli/', [
      '^lib/index\\.ts$',
      '^lib/queue\\.tokens\\.ts$',
      '^lib/job/queue-name\\.ts$',
      '^lib/support/',
    ]),
    {
      name: 'concrete-drivers',
      comment: 'Only the factory and what stands on top of it picks a driver.',
      severity: 'error',
      from: {
        path: '^lib/',
        pathNot: ['^lib/queue\\.(factory|module)\\.ts$', '^lib/index\\.ts$', '^lib/drivers/', '^lib/testing/'],
      },
      to: { path: '^lib/drivers/(array|redis)/' },
    },

    {
      name: 'lib-stands-alone',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(test|sample-app)/' },
    },
    {
      name: 'sample-app-is-a-user',
      comment: 'It imports the package by its name (which is lib/index.ts here).',
      severity: 'error',
      from: { path: '^sample-app/' },
      to: { path: ['^lib/(?!((board|prometheus)/)?index\\.ts$)', '^test/'] },
    },
    {
      name: 'sample-app-imports-by-name',
      severity: 'error',
      from: { path: '^sample-app/' },
      to: { path: '^lib/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'no-deep-imports',
      comment: 'Deep paths moved between the majors of Nest; packages are imported from their root.',
      severity: 'error',
      from: { path: '^(lib|sample-app)/' },
      to: {
        path: 'node_modules/(@nestjs/[^/]+|ioredis)/',
        pathNot: 'node_modules/(@nestjs/[^/]+/(dist/)?index\\.(js|d\\.ts)|ioredis/built/index\\.js)$',
      },
    },
    {
      name: 'declared-dependencies',
      comment: 'What lib imports, its users must have: a dependency or a peer.',
      severity: 'error',
      from: { path: '^lib/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional', 'npm-bundled'],
        dependencyTypesNot: ['npm', 'npm-peer'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|sample-app/dist|test/compat)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
