/** The response to a request whose work a job does later. */
export interface AcceptedJob {
  readonly id: string;
  /** The path of the job's status. */
  readonly statusUrl: string;
}

export function accepted(id: string): AcceptedJob {
  return { id, statusUrl: `/jobs/${id}` };
}
