const SOURCES = new URL('../../lib/index.ts', import.meta.url).href;

/** The module hook of `library-sources.mjs`. */
export async function resolve(specifier, context, next) {
  return next(specifier === 'nestjs-job-queue' ? SOURCES : specifier, context);
}
