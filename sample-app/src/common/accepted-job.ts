/** The answer to a request whose work is done later. */
export interface AcceptedJob {
  readonly id: string;
  /** Where to ask how the work goes. */
  readonly statusUrl: string;
}

export function accepted(id: string): AcceptedJob {
  return { id, statusUrl: `/jobs/${id}` };
}
