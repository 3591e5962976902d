/**
 * How long the answer to a request is kept for copies of it, in milliseconds: a kernel tries for a quarter of an hour to deliver
 * what a closed socket has sent.
 */
export const ANSWER_TTL = 16 * 60_000;
