const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * How long after a SIGINT another one is ignored, in milliseconds. Ctrl+C reaches every process of the terminal, and
 * `npm run` sends it once more within a few milliseconds: as a second signal, it would stop the worker without waiting.
 */
const DUPLICATE_MS = 100;

/**
 * Listens for the signals that ask the process to end. Calls the handler once for a Ctrl+C that arrives twice.
 *
 * @param now a clock, in milliseconds
 * @param interrupted the time of the last SIGINT, if one came before this call
 * @returns a function that stops listening
 */
export function onShutdownSignal(
  handler: (signal: NodeJS.Signals) => void,
  now: () => number,
  interrupted = -Infinity,
): () => void {
  const receive = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT') {
      const before = interrupted;
      interrupted = now();
      if (interrupted - before < DUPLICATE_MS) return;
    }
    handler(signal);
  };
  for (const signal of SIGNALS) process.on(signal, receive);
  return () => {
    for (const signal of SIGNALS) process.off(signal, receive);
  };
}
