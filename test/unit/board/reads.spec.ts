import { describe, expect, it } from '@jest/globals';
import type { QueueOverview } from '../../../lib/drivers/queue-lists.interface.js';
import { BoardReads } from '../../../lib/board/board-reads.js';
import { ShortCache } from '../../../lib/board/short-cache.js';

const OVERVIEW: QueueOverview = {
  ready: 1,
  blocked: 0,
  delayed: 0,
  reserved: 0,
  failed: 0,
  ended: 0,
  isPaused: false,
  heldUntil: null,
  limits: {},
  now: 0,
};

class Storage {
  names = ['a', 'b'];
  readonly reads: string[] = [];
  broken = '';
  now = 0;
  readonly board = new BoardReads(
    {
      queues: async () => {
        this.reads.push('names');
        return this.names;
      },
      lists: {
        overview: async (queue: string) => {
          this.reads.push(queue);
          if (queue === this.broken) throw new Error('WRONGTYPE');
          return OVERVIEW;
        },
      } as never,
    },
    { workers: async () => [], jobs: async () => ({ jobs: [] }) },
    () => this.now,
  );

  take(): string[] {
    return this.reads.splice(0);
  }
}

describe('the reads of a board', () => {
  it('are shared by all that ask within three seconds', async () => {
    const storage = new Storage();
    await Promise.all([storage.board.board(), storage.board.board(), storage.board.board()]);
    storage.now = 2_999;
    await storage.board.board();
    expect(storage.take()).toEqual(['names', 'a', 'b']);
    storage.now = 3_000;
    await storage.board.board();
    expect(storage.take()).toEqual(['names', 'a', 'b']);
  });

  it('are told again for longer, the more queues there are, but for the queue that is shown', async () => {
    const storage = new Storage();
    storage.names = Array.from({ length: 30 }, (_, i) => `q${i}`);
    await storage.board.board();
    storage.now = 3_000;
    await storage.board.board();
    storage.take();
    storage.now = 12_999;
    await storage.board.board();
    expect(storage.take()).toEqual([]);
    const { queues } = await storage.board.board('q3');
    expect([...queues.keys()]).toEqual(storage.names);
    expect(storage.take()).toEqual(['q3']);
    await storage.board.board('nobody');
    expect(storage.take()).toEqual([]);
    storage.now = 13_000;
    await storage.board.board();
    expect(storage.take()).toHaveLength(31);
  });

  it('are made anew once something was changed', async () => {
    const storage = new Storage();
    await storage.board.board();
    storage.board.changed();
    await storage.board.board();
    expect(storage.take()).toHaveLength(6);
  });

  it('show a queue that cannot be read beside the others', async () => {
    const storage = new Storage();
    storage.broken = 'a';
    const { queues } = await storage.board.board();
    expect(queues.get('a')).toMatchObject({ ready: 0, error: 'WRONGTYPE' });
    expect(queues.get('b')).toEqual({ name: 'b', ...OVERVIEW });
  });
});

describe('what is kept for a short time', () => {
  it('is not kept if its read failed', async () => {
    const cache = new ShortCache(() => 0);
    await expect(cache.read('a', 1_000, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await cache.read('a', 1_000, async () => 1)).toBe(1);
    expect(await cache.read('a', 1_000, async () => 2)).toBe(1);
  });

  it('goes when its time is over, also if nobody asks for it again', async () => {
    let now = 0;
    const cache = new ShortCache(() => now);
    for (let i = 0; i < 600; i++, now++) await cache.read(`${i}`, 10, async () => i);
    const { size } = (cache as unknown as { entries: Map<string, unknown> }).entries;
    expect(size).toBeLessThan(500);
  });
});
