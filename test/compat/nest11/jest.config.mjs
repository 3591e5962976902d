import base from '../../jest.config.mjs';

const installed = '<rootDir>/test/compat/nest11/node_modules';

/**
 * What can differ between the majors: what is in touch with Nest or with ioredis. The rest of the tests would only say
 * again what they say in the main run; so would those that start processes of the packages installed there.
 */
const TESTS = [
  'contract/redis.driver.spec.ts',
  'e2e/cli/formats.spec.ts',
  'e2e/nest/**/*.spec.ts',
  'integration/redis/*.spec.ts',
  'integration/redis/{connections,faults}/**/*.spec.ts',
  'e2e/sample-app/sample-app.spec.ts',
  'integration/worker/**/!(*interleavings|second-signal).spec.ts',
  'unit/{discovery,dispatch,reserve,options}/**/*.spec.ts',
  'unit/{cli/stderr-logger,drivers/redis/redis-errors,worker/executor/logging}.spec.ts',
];

/** Those tests on the oldest majors that the library supports, installed by `install.mjs`. */
export default {
  ...base,
  rootDir: '../../..',
  displayName: 'nest 11, ioredis 5',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/sample-app/dist/'],
  testMatch: TESTS.map((path) => `<rootDir>/test/${path}`),
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^(@nestjs/(?:common|core|testing|platform-express|platform-fastify))$': `${installed}/$1`,
    '^(ioredis|rxjs|rxjs/operators|reflect-metadata)$': `${installed}/$1`,
  },
};
