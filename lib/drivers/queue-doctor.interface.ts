/** A finding of a driver about its server, for its operator. */
export interface StorageFinding {
  readonly subject: 'version' | 'eviction' | 'persistence' | 'memory' | 'rights';
  /**
   * - `ok`: as it should be;
   * - `note`: worth to know;
   * - `warning`: jobs may get lost, or pushes are going to be refused; told at the start, too;
   * - `unknown`: the server does not tell.
   */
  readonly level: 'ok' | 'note' | 'warning' | 'unknown';
  /** One line. */
  readonly message: string;
}
