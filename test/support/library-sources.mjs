import { register } from 'node:module';

/** Lets an import of `nestjs-job-queue` load the sources in `lib/`: `node --import typescript.mjs --import library-sources.mjs file.ts`. */
register('./library-sources-hooks.mjs', import.meta.url);
