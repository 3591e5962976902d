import base from '../../jest.config.mjs';

const installed = '<rootDir>/test/compat/nest11/node_modules';

/**
 * The tests whose result can differ between the majors of Nest and of ioredis. All other tests, and further tests that
 * start processes, would only repeat the main run.
 */
const TESTS = [
  'contract/{redis.driver.spec,redis-places.driver,redis-views.driver}.ts',
  'e2e/cli/formats.spec.ts',
  'e2e/board/{api,guards,pages,serving}.spec.ts',
  'e2e/{nest,testing}/**/*.spec.ts',
  'integration/redis/{keys,listener,pause,prefix,producer}.spec.ts',
  'integration/redis/connections/**/*.spec.ts',
  'integration/redis/faults/{away,black-hole,blocked-loop,boot,client-commands,connection-log,credentials,lost-replies,restart}.spec.ts',
  'e2e/sample-app/{admin,board,imports,sample-app}.spec.ts',
  'integration/worker/{delayed,lifecycle,pause,waiting}.spec.ts',
  'unit/{discovery,dispatch,reserve,options}/**/*.spec.ts',
  'unit/{cli/stderr-logger,drivers/redis/redis-errors,worker/executor/logging}.spec.ts',
];

/** Runs these tests with the oldest supported majors, which `install.mjs` installs. */
export default {
  ...base,
  rootDir: '../../..',
  displayName: 'nest 11, ioredis 5',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/sample-app/dist/'],
  testMatch: TESTS.map((path) => `<rootDir>/test/${path}`),
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^(@nestjs/(?:common|core|testing|platform-express|platform-fastify|microservices|terminus))$': `${installed}/$1`,
    '^(ioredis|rxjs|rxjs/operators|reflect-metadata)$': `${installed}/$1`,
  },
};
