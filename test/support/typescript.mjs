import { register } from 'node:module';

/**
 * Lets node itself run the TypeScript files of this project, for processes outside jest (benchmarks, workers that a test
 * kills): `node --import ./test/support/typescript.mjs file.ts`. The package's own name is what was built, in `dist/`.
 */
register('./typescript-hooks.mjs', import.meta.url);
