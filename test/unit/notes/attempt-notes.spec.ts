import { beforeEach, describe, expect, it } from '@jest/globals';
import type { JobNote } from '../../../lib/job/attempt-desk.interface.js';
import { AttemptNotes } from '../../../lib/notes/attempt-notes.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('AttemptNotes', () => {
  let clock: FakeClock;
  let stored: { readonly number: number; readonly note: JobNote; readonly answer: Deferred<boolean> }[];
  let sent: JobNote[];
  let notes: AttemptNotes;

  beforeEach(() => {
    clock = new FakeClock();
    stored = [];
    sent = [];
    const taker = {
      note(_id: string, _fence: number, number: number, note: JobNote): Promise<boolean> {
        stored.push({ number, note, answer: deferred() });
        return stored.at(-1)!.answer.promise;
      },
    };
    notes = new AttemptNotes(taker, 'a', 7, clock, (note) => sent.push(note));
  });

  const answer = async (): Promise<void> => {
    stored.at(-1)!.answer.resolve(true);
    await clock.advance(0);
  };
  const numbersAndNotes = () => stored.map(({ number, note }) => [number, note.progress]);

  it('sends the first note at once, and resolves when it is stored', async () => {
    let isStored = false;
    const adding = notes.add({ progress: '1' }).then(() => (isStored = true));
    await clock.advance(0.05);
    expect(isStored).toBe(false);
    await answer();
    await adding;
    expect(numbersAndNotes()).toEqual([[1, '1']]);
    expect(clock.pending).toBe(0);
  });

  it('sends at most ten notes a second, each with the last value, and lets nobody wait for them', async () => {
    void notes.add({ progress: '0' });
    await answer();
    for (let tenth = 1; tenth <= 1000; tenth++) {
      await notes.add({ progress: String(tenth) });
      await clock.advance(0.001);
      if (stored.length > 1) stored.at(-1)!.answer.resolve(true);
    }
    expect(stored.length).toBe(11);
    expect(stored.at(-1)!.note).toEqual({ progress: '1000' });
    expect(numbersAndNotes().map(([number]) => number)).toEqual(stored.map((_, i) => i + 1));
  });

  it('has one note under way at a time', async () => {
    void notes.add({ progress: '1' });
    void notes.add({ progress: '2' });
    await clock.advance(10);
    expect(stored.length).toBe(1);
    await answer();
    await clock.advance(0);
    expect(numbersAndNotes()).toEqual([
      [1, '1'],
      [2, '2'],
    ]);
  });

  it('resolves after a tenth of a second if the storage does not answer', async () => {
    let isOver = false;
    void notes.add({ progress: '1' }).then(() => (isOver = true));
    await clock.advance(0.099);
    expect(isOver).toBe(false);
    await clock.advance(0.001);
    expect(isOver).toBe(true);
  });

  it('hands what waits, and what is under way, to the settlement, and sends nothing more', async () => {
    void notes.add({ progress: '1' });
    expect(notes.close()).toEqual({ progress: '1' });
    await answer();
    void notes.add({ progress: '2' });
    await clock.advance(1);
    expect(stored.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('hands over the last value only, and tells of it', async () => {
    void notes.add({ progress: '1' });
    await answer();
    void notes.add({ progress: '2' });
    void notes.add({ progress: '3' });
    expect(notes.close()).toEqual({ progress: '3' });
    expect(sent).toEqual([{ progress: '1' }, { progress: '3' }]);
    expect(clock.pending).toBe(0);
  });

  it('hands over nothing if everything is stored', async () => {
    void notes.add({ progress: '1' });
    await answer();
    expect(notes.close()).toBeUndefined();
  });

  it('sends again what an error has lost, unless something newer was told', async () => {
    void notes.add({ progress: '1' });
    stored[0]!.answer.reject(new Error('lost'));
    await clock.advance(0.1);
    expect(numbersAndNotes()).toEqual([
      [1, '1'],
      [2, '1'],
    ]);
    void notes.add({ progress: '3' });
    stored[1]!.answer.reject(new Error('lost'));
    await clock.advance(0.1);
    expect(numbersAndNotes().at(-1)).toEqual([3, '3']);
  });

  it('flushes what waits without a pause, behind the note that is under way', async () => {
    void notes.add({ checkpoint: '1' });
    void notes.add({ checkpoint: '2' });
    let isStored: boolean | undefined;
    void notes.flush().then((taken) => (isStored = taken));
    await answer();
    expect(stored.map(({ note }) => note.checkpoint)).toEqual(['1', '2']);
    expect(isStored).toBeUndefined();
    await answer();
    expect(isStored).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('tells who flushes that the storage refused the note, or why it failed', async () => {
    void notes.add({ checkpoint: '1' });
    const refused = notes.flush();
    stored[0]!.answer.resolve(false);
    expect(await refused).toBe(false);
    void notes.add({ checkpoint: '2' });
    const failing = notes.flush();
    await clock.advance(0);
    stored[1]!.answer.reject(new Error('closed'));
    await expect(failing).rejects.toThrow('closed');
  });

  describe('lines of a log', () => {
    const lines = (before: number, ...texts: string[]) => ({ before, lines: texts });
    const notesSent = () => stored.map(({ note }) => note);

    it('wait a tenth of a second for others, and are sent together with the last values', async () => {
      notes.addLines(lines(0, 'a'));
      await clock.advance(0.05);
      notes.addLines(lines(1, 'b'));
      await clock.advance(0.049);
      expect(notesSent()).toEqual([]);
      await clock.advance(0.001);
      expect(notesSent()).toEqual([{ log: lines(0, 'a', 'b') }]);
      await answer();
      notes.addLines(lines(2, 'c'));
      void notes.add({ progress: '1' });
      notes.addLines(lines(3, 'd'));
      await clock.advance(0.1);
      expect(notesSent().at(-1)).toEqual({ log: lines(2, 'c', 'd'), progress: '1' });
    });

    it('hold up no value', async () => {
      notes.addLines(lines(0, 'a'));
      void notes.add({ progress: '1' });
      expect(notesSent()).toEqual([{ log: lines(0, 'a'), progress: '1' }]);
      await answer();
      expect(clock.pending).toBe(0);
    });

    it('of a quick job go with its settlement alone', async () => {
      notes.addLines(lines(0, 'a'));
      notes.addLines(lines(1, 'b'));
      expect(notes.close()).toEqual({ log: lines(0, 'a', 'b') });
      notes.addLines(lines(2, 'late'));
      await clock.advance(1);
      expect(notesSent()).toEqual([]);
      expect(clock.pending).toBe(0);
    });

    it('go with the settlement, those that are under way too, and no others', async () => {
      notes.addLines(lines(0, 'a'));
      await clock.advance(0.1);
      await answer();
      notes.addLines(lines(1, 'b'));
      await clock.advance(0.1);
      notes.addLines(lines(2, 'c'));
      expect(stored.length).toBe(2);
      expect(notes.close()).toEqual({ log: lines(1, 'b', 'c') });
    });

    it('are sent again after an error, in front of later ones', async () => {
      notes.addLines(lines(0, 'a'));
      await clock.advance(0.1);
      notes.addLines(lines(1, 'b'));
      stored[0]!.answer.reject(new Error('lost'));
      await clock.advance(0.1);
      expect(notesSent().at(-1)).toEqual({ log: lines(0, 'a', 'b') });
    });

    it('wait in memory as many as are kept, however many there are', () => {
      for (let i = 0; i < 1_000; i++) notes.addLines(lines(i, String(i)));
      expect(notes.close()?.log).toEqual(lines(900, ...Array.from({ length: 100 }, (_, i) => String(900 + i))));
    });

    it('are sent at most ten times a second', async () => {
      for (let i = 0; i < 1_000; i++) {
        notes.addLines(lines(i, String(i)));
        await clock.advance(0.001);
        stored.at(-1)?.answer.resolve(true);
        await clock.advance(0);
      }
      expect(stored.length).toBe(10);
    });
  });
});
