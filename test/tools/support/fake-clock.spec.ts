import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../support/fake-clock.js';

describe('FakeClock', () => {
  it('stands still until advance()', async () => {
    const clock = new FakeClock(1_000);
    expect(clock.now()).toBe(1_000);
    await clock.advance(2.5);
    expect(clock.now()).toBe(3_500);
  });

  it('fires timers in order, each at its own time', async () => {
    const clock = new FakeClock(0);
    const fired: [string, number][] = [];
    const arm = (name: string, milliseconds: number) =>
      clock.after(milliseconds, () => fired.push([name, clock.now()]));
    arm('late', 200);
    arm('first', 100);
    arm('second', 100);
    arm('past', -5);
    arm('too late', 301);
    await clock.advance(0.3);
    expect(fired).toEqual([
      ['past', 0],
      ['first', 100],
      ['second', 100],
      ['late', 200],
    ]);
    expect(clock.pending).toBe(1);
  });

  it('fires timers that other timers start', async () => {
    const clock = new FakeClock(0);
    const fired: number[] = [];
    const beat = (): void => {
      fired.push(clock.now());
      clock.after(10, beat);
    };
    clock.after(10, beat);
    await clock.advance(0.035);
    expect(fired).toEqual([10, 20, 30]);
  });

  it('runs the promise callbacks of a timer before the next timer', async () => {
    const clock = new FakeClock(0);
    const seen: string[] = [];
    const act = async (name: string): Promise<void> => {
      await Promise.resolve();
      await Promise.resolve();
      seen.push(name, String(clock.now()));
    };
    clock.after(10, () => void act('a'));
    clock.after(20, () => void act('b'));
    await clock.advance(1);
    expect(seen).toEqual(['a', '10', 'b', '20']);
  });

  it('runs pending promise callbacks before the first timer', async () => {
    const clock = new FakeClock(0);
    let fired = false;
    void Promise.resolve().then(() => clock.after(10, () => (fired = true)));
    await clock.advance(0.01);
    expect(fired).toBe(true);
  });

  it('removes cancelled timers', async () => {
    const clock = new FakeClock(0);
    let fired = false;
    const timer = clock.after(10, () => (fired = true));
    expect(clock.pending).toBe(1);
    timer.cancel();
    timer.cancel();
    expect(clock.pending).toBe(0);
    await clock.advance(1);
    expect(fired).toBe(false);
  });
});
