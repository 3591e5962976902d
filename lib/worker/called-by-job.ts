/** How `JobExecutor.run()` and `ChunkCall.run()` are called in a stack; behind them is the code of a job. */
const JOB_FRAME = /\bat (?:async )?(?:JobExecutor|ChunkCall)\.run \(/;
/** How many frames are looked at: `app.close()` has some between the job and the worker. */
const FRAMES = 100;

/**
 * Returns true if the code of a job has called the function that runs now, or waits for it: V8 writes down who awaits whom. False
 * is no proof, since a `then()` in between, or a bundler that shortens names, hides the job.
 */
export function isCalledByJob(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return JOB_FRAME.test(stack);
}
