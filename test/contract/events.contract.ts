import { describe, expect, it } from '@jest/globals';
import type { LoggedEvent } from '../../lib/drivers/queue-event-log.interface.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { Scene } from './scene.js';

export function describeEvents(harness: DriverHarness): void {
  describe('the log of events', () => {
    const scene = new Scene(harness);
    const KEEP = 100;

    const append = (...texts: string[]): Promise<void> => scene.driver.events.append(texts, KEEP);

    /** Follows the log, and collects what comes. */
    function follow(after?: string) {
      const heard: LoggedEvent[] = [];
      const following = scene.driver.events.follow(after, (events) => void heard.push(...events));
      const texts = (): string[] => heard.map(({ text }) => text);
      const has = (...expected: string[]) => eventually(() => expect(texts()).toEqual(expected));
      return { ...following, heard, texts, has };
    }

    it('tells followers what is appended from then on, in its order', async () => {
      await append('before');
      const [first, second] = [follow(), follow()];
      await Promise.all([first.ready, second.ready]);
      await append('a', 'b');
      await append('{"é":"\\n"}');
      await first.has('a', 'b', '{"é":"\\n"}');
      await second.has('a', 'b', '{"é":"\\n"}');
      first.close();
      second.close();
    });

    it('tells what is kept behind a cursor, then what comes', async () => {
      const first = follow();
      await first.ready;
      await append('a', 'b', 'c');
      await append('d');
      await first.has('a', 'b', 'c', 'd');
      first.close();
      const [, b, c, d] = first.heard;
      const behind = [b!, c!, d!].map(({ cursor }) => follow(cursor));
      await behind[0]!.has('c', 'd');
      await behind[1]!.has('d');
      await append('e');
      await behind[0]!.has('c', 'd', 'e');
      await behind[1]!.has('d', 'e');
      await behind[2]!.has('e');
      expect(behind[0]!.heard[0]!.cursor).toBe(c!.cursor);
      for (const following of behind) following.close();
    });

    it('begins with the oldest event that is kept if the one of the cursor is not', async () => {
      const first = follow();
      await first.ready;
      for (let i = 0; i < 30; i++) await append(...Array.from({ length: 10 }, (_, j) => `${i * 10 + j}`));
      await eventually(() => expect(first.heard).toHaveLength(300));
      first.close();
      const late = follow(first.heard[0]!.cursor);
      await late.has(...Array.from({ length: KEEP }, (_, i) => `${200 + i}`));
      late.close();
    });

    it('keeps at least the last events, and hardly more, however many come at once', async () => {
      const first = follow();
      await first.ready;
      await append('first');
      await eventually(() => expect(first.heard).toHaveLength(1));
      for (let i = 0; i < 10; i++) await append(...Array.from({ length: 30 }, (_, j) => `${i}.${j}`));
      const all = follow(first.heard[0]!.cursor);
      await eventually(() => expect(all.texts().at(-1)).toBe('9.29'));
      expect(all.heard.length).toBeGreaterThanOrEqual(KEEP);
      expect(all.heard.length).toBeLessThan(KEEP + 30);
      first.close();
      all.close();
    });

    it('tells nothing to a follower that was closed, and appends nothing for an empty list', async () => {
      const [first, second] = [follow(), follow()];
      await Promise.all([first.ready, second.ready]);
      first.close();
      first.close();
      await append();
      await append('a');
      await second.has('a');
      expect(first.heard).toEqual([]);
      second.close();
    });

    it('refuses a cursor that is none', () => {
      expect(() => scene.driver.events.follow('x', () => {})).toThrow(
        /"cursor": expected the cursor of an event, got "x"/,
      );
    });

    it('takes many events in one call', async () => {
      const first = follow();
      await first.ready;
      const texts = Array.from({ length: 500 }, (_, i) => `event ${i}`);
      await scene.driver.events.append(texts, 1_000);
      await first.has(...texts);
      const rest = follow(first.heard[498]!.cursor);
      await rest.has('event 499');
      first.close();
      rest.close();
    });
  });
}
