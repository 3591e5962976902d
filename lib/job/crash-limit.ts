/** After so many lost consumers a job is taken to be what kills them: it fails. */
export const MAX_CRASHES = 3;
