import base from '../../jest.config.mjs';

const installed = '<rootDir>/test/compat/nest11/node_modules';

/** The same tests on the oldest majors that the library supports, installed by `install.mjs`. */
export default {
  ...base,
  rootDir: '../../..',
  displayName: 'nest 11, ioredis 5',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/sample-app/dist/'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/chaos/', '<rootDir>/test/unit/support/'],
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^(@nestjs/(?:common|core|testing|platform-express|platform-fastify))$': `${installed}/$1`,
    '^(ioredis|rxjs|rxjs/operators|reflect-metadata)$': `${installed}/$1`,
  },
};
