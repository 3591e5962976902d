/**
 * Returns how often a queue claims the oldest job of its lowest priority, so that no priority is starved: of so many claimed jobs at least
 * one; 0 for never.
 */
export type LowPriorityEach = (queue: string) => number;

export const LOW_PRIORITY_EACH = 20;
