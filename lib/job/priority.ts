import { integer } from '../support/checks.js';

/** The highest priority; the lowest one is as far below 0. */
const HIGHEST = 1_000;

export const priorityCheck = integer(-HIGHEST, HIGHEST);
