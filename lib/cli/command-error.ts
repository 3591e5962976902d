/** What the process ends with. Every stop in which all jobs were settled or put back is `ok`; see `--help`. */
export const EXIT = {
  ok: 0,
  /** The application did not come up, or the worker could not be stopped cleanly. */
  failure: 1,
  /** The command was called wrongly. */
  usage: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A reason to end the command that its user can do something about: only the message is shown, without a stack. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failure,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
