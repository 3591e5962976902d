/** The options of `QueueTracingModule.forRoot()`. */
export interface QueueTracingOptions {
  /**
   * Whether the span of an attempt is a child of the span that pushed its job. Else it begins a trace of its own, with a link to that
   * span: the trace of a request does not grow by all that follows from it, hours later. Default: false.
   */
  readonly parent?: boolean;
}
