import { register } from 'node:module';

/**
 * Lets Node run the TypeScript files of this project in processes outside jest (benchmarks, workers that a test kills):
 * `node --import ./test/support/typescript.mjs file.ts`. An import of `nestjs-job-queue` loads the build in `dist/`.
 */
register('./typescript-hooks.mjs', import.meta.url);
