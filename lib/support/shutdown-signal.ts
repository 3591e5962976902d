const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Ctrl+C reaches every process of the terminal, and `npm run` passes it on once more, within some milliseconds: that is
 * one wish, not two.
 */
const ECHO_MS = 100;

/**
 * Listens for the signals that ask the process to end, and takes the echo of a Ctrl+C for what it is.
 *
 * @param now a clock, in milliseconds
 * @param interrupted when the last SIGINT came, where there was one already
 * @returns what ends the listening
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
      if (interrupted - before < ECHO_MS) return;
    }
    handler(signal);
  };
  for (const signal of SIGNALS) process.on(signal, receive);
  return () => {
    for (const signal of SIGNALS) process.off(signal, receive);
  };
}
