/** The end of a pipeline, or the rest of it. */
export type Handler<Subject, Result> = (subject: Subject) => Result;

/**
 * One stage of a pipeline. It calls `next` to run the stages after it, and returns their result or another one. A stage that
 * does not call `next` ends the pipeline.
 */
export type Stage<Subject, Result> = (subject: Subject, next: Handler<Subject, Result>) => Result;

/**
 * Composes stages and an end into one function; the first stage is the outermost. Without stages it returns the end itself, so
 * that a pipeline without stages costs nothing.
 */
export function compose<Subject, Result>(
  stages: readonly Stage<Subject, Result>[],
  end: Handler<Subject, Result>,
): Handler<Subject, Result> {
  return stages.reduceRight<Handler<Subject, Result>>((next, stage) => (subject) => stage(subject, next), end);
}
