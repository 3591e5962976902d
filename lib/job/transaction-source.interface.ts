/**
 * Tells the library of the transactions of a database, so that pushes can wait for the commit: the option `transactions` of the
 * module.
 */
export interface TransactionSource {
  /** Returns whether the code that calls it runs in a transaction. */
  isActive(): boolean;

  /**
   * Calls `callback` once the current transaction is committed, the outermost one if it is nested, and never if it, or the nested one,
   * is rolled back. The callback resolves when the jobs are stored; it never rejects.
   */
  onCommit(callback: () => Promise<void>): void;
}
