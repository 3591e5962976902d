/** After so many lost holders a job is taken to be what kills them: it fails. */
export const MAX_CRASHES = 3;
