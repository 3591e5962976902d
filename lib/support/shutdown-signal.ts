/**
 * The signals that ask a process to end. This is the only list of them; Nest's shutdown hooks listen to the same ones.
 *
 * - SIGTERM: process managers;
 * - SIGINT, SIGQUIT, SIGBREAK (Windows): keys of the terminal; some container images set SIGQUIT as their stop signal;
 * - SIGHUP: the terminal was closed, or the connection to it;
 * - SIGUSR2: nodemon restarts the process.
 *
 * The signals of a fault (SIGSEGV, SIGABRT) are not among them: a process cannot go on after these. Node has no SIGBREAK on
 * other systems than Windows, and no SIGQUIT there; it then ignores the listener.
 */
export const SHUTDOWN_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGBREAK', 'SIGUSR2'] as const;

/** The signals that end `queue-worker`: all but SIGUSR2, which pauses it. */
export const COMMAND_SIGNALS = SHUTDOWN_SIGNALS.filter((signal) => signal !== 'SIGUSR2');

/**
 * The signals that come from a terminal. It sends them to every process of the command line, and the shell, `npm run` and the
 * like pass them on: they can arrive twice. As a second signal, the echo would stop the worker without waiting.
 */
const OF_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGBREAK']);

/** How long after a signal of the terminal the same one is ignored, in milliseconds. */
const DUPLICATE_MS = 100;

/**
 * Listens for the signals that ask the process to end. Calls the handler once for a Ctrl+C that arrives twice.
 *
 * @param now a clock, in milliseconds
 * @param received the signals that may have come just before this call
 * @param signals the signals to listen for
 * @returns a function that stops listening
 */
export function onShutdownSignal(
  handler: (signal: NodeJS.Signals) => void,
  now: () => number,
  received: readonly string[] = [],
  signals: readonly NodeJS.Signals[] = SHUTDOWN_SIGNALS,
): () => void {
  const last = new Map(received.map((signal) => [signal, now()]));
  const receive = (signal: NodeJS.Signals): void => {
    const before = last.get(signal) ?? -Infinity;
    last.set(signal, now());
    if (OF_TERMINAL.has(signal) && now() - before < DUPLICATE_MS) return;
    handler(signal);
  };
  for (const signal of signals) process.on(signal, receive);
  return () => {
    for (const signal of signals) process.off(signal, receive);
  };
}
