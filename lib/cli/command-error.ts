/** The exit codes of the process. A stop after which every job is settled or requeued is `ok`; see `--help`. */
export const EXIT = {
  ok: 0,
  /** The application did not start, or the worker could not stop cleanly. */
  failure: 1,
  /** The command was called wrongly. */
  usage: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that the user of the command can repair: the command shows its message without a stack. */
export class CommandError extends Error {
  override name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failure,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
