import { expect, it } from '@jest/globals';
import { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import { QueueAdapter } from '../../../lib/board/queue-adapter.js';

/** The rows that ask neither a queue nor BullMQ for anything. */
const PLAIN = new Set(['constructor', 'setFormatter', 'format', 'setVisibilityGuard', 'isVisible', 'normalizeWorkers']);

it('a queue of the board has every method of the base class of bull-board itself', () => {
  const methods = Object.getOwnPropertyNames(BaseAdapter.prototype).filter((name) => !PLAIN.has(name));
  expect(methods.length).toBeGreaterThan(10);
  expect(methods.filter((name) => !Object.hasOwn(QueueAdapter.prototype, name))).toEqual([]);
});
