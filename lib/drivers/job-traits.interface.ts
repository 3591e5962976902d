/** What a storage has to know of a job beyond its record and its place. Each feature that needs it adds a field. */
export interface JobTraits {
  /** Higher first, within its queue. Default: 0. */
  readonly priority?: number;
}
