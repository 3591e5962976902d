import { swcOptions } from './support/swc-options.mjs';

/** Tests run the TypeScript sources as ES modules, compiled by swc as tsc would compile them. */
export default {
  rootDir: '..',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  testEnvironment: 'node',
  injectGlobals: false,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^nestjs-job-queue$': '<rootDir>/lib/index.ts',
    '^nestjs-job-queue/(board|otel|prometheus|testing)$': '<rootDir>/lib/$1/index.ts',
  },
  resolver: '<rootDir>/test/support/source-resolver.mjs',
  runtime: '<rootDir>/test/support/warm-runtime.mjs',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/sample-app/dist/', '<rootDir>/test/compat/'],
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
  reporters: ['default', '<rootDir>/test/support/totals-reporter.mjs'],
  testSequencer: '<rootDir>/test/support/long-first-sequencer.mjs',
  // Half of the time a test waits, so four workers keep two cores busy. The faults measure times, and run with two.
  maxWorkers: 4,
  // The ES module loader of a worker keeps what it loaded, so a worker is renewed before that adds up.
  workerIdleMemoryLimit: '512MB',
  testTimeout: 20_000,
  coverageProvider: 'babel',
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageDirectory: 'coverage',
};
