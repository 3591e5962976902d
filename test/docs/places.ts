/** The document of each chapter that a test reads. */
export const PLACES = {
  readme: 'README.md',
  library: 'lib/README.md',
  job: 'lib/job/README.md',
  dispatch: 'lib/dispatch/README.md',
  reserve: 'lib/reserve/README.md',
  worker: 'lib/worker/README.md',
  options: 'lib/options/README.md',
  discovery: 'lib/discovery/README.md',
  errors: 'lib/errors.md',
  redis: 'lib/drivers/redis/README.md',
  cli: 'lib/cli/README.md',
  testing: 'lib/testing/README.md',
  recipes: 'lib/recipes.md',
  migration: 'lib/coming-from-nestjs-bullmq.md',
  guarantees: 'test/chaos/README.md',
  benchmark: 'test/bench/README.md',
} as const;
