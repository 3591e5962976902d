const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Listens for a further SIGTERM or SIGINT while the first one is being obeyed.
 *
 * @returns what ends the listening
 */
export function onSecondSignal(callback: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, callback);
  return () => {
    for (const signal of SIGNALS) process.off(signal, callback);
  };
}
