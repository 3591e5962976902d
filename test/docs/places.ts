/** The document of each chapter that a test reads. */
export const PLACES = {
  install: 'README.md',
  job: 'README.md',
  dispatch: 'README.md',
  reserve: 'README.md',
  worker: 'README.md',
  options: 'README.md',
  errors: 'README.md',
  discovery: 'README.md',
  testing: 'README.md',
  cli: 'README.md',
  library: 'README.md',
  redis: 'README.md',
  recovery: 'README.md',
  guarantees: 'README.md',
  benchmark: 'README.md',
} as const;
