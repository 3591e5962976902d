import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { QueueClosedError, QueueConnectionError } from '../../../lib/queue.errors.js';
import type { QueueEventLog } from '../../../lib/drivers/queue-event-log.interface.js';
import { EventPublisher } from '../../../lib/events/event-publisher.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/recording-logger.js';

/** A log whose calls the test answers. */
class HeldLog implements QueueEventLog {
  readonly calls: { readonly texts: readonly string[]; readonly reply: Deferred<void> }[] = [];

  append(texts: readonly string[]): Promise<void> {
    const reply = deferred();
    this.calls.push({ texts, reply });
    return reply.promise;
  }

  follow(): never {
    throw new Error('A publisher does not follow');
  }

  /** The texts of each call. */
  get sent(): (readonly string[])[] {
    return this.calls.map(({ texts }) => texts);
  }
}

function open(keep = 5) {
  const [log, clock, logger] = [new HeldLog(), new FakeClock(), new RecordingLogger()];
  const publisher = new EventPublisher(log, keep, clock, logger);
  const add = (...texts: string[]): void => {
    for (const text of texts) publisher.add(text);
  };
  const answer = async (index: number, error?: Error): Promise<void> => {
    const { reply } = log.calls[index]!;
    if (error) reply.reject(error);
    else reply.resolve();
    await turn();
  };
  return { log, clock, logger, publisher, add, answer };
}

describe('EventPublisher', () => {
  it('sends together what comes in one turn, and what comes while a call is under way', async () => {
    const { log, add, answer } = open();
    add('a', 'b');
    await turn();
    add('c');
    add('d');
    await turn();
    expect(log.sent).toEqual([['a', 'b']]);
    await answer(0);
    expect(log.sent).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('sends at most 500 events in a call', async () => {
    const { log, add, answer } = open(10_000);
    add(...Array.from({ length: 1_100 }, (_, i) => `${i}`));
    await turn();
    await answer(0);
    await answer(1);
    await answer(2);
    expect(log.sent.map(({ length }) => length)).toEqual([500, 500, 100]);
  });

  it('sends them again after a pause if the storage is away, keeps the last ones, and warns once', async () => {
    const { log, clock, logger, add, answer } = open(3);
    add('a', 'b');
    await turn();
    add('c', 'd');
    await answer(0, new QueueConnectionError('Away'));
    await clock.advance(0.9);
    expect(log.sent).toHaveLength(1);
    await clock.advance(0.1);
    expect(log.sent[1]).toEqual(['b', 'c', 'd']);
    await answer(1, new QueueConnectionError('Away'));
    await clock.advance(1);
    await answer(2);
    add('e');
    await turn();
    expect(log.sent[3]).toEqual(['e']);
    expect(logger.of('warn')).toEqual(['Events cannot be told to other processes, and are kept for now: Away']);
  });

  it('sends what waits when it is closed, and waits for it two seconds at most', async () => {
    const { log, clock, publisher, add, answer } = open();
    add('a');
    let isClosed = false;
    const closing = publisher.close().then(() => (isClosed = true));
    expect(log.sent).toEqual([['a']]);
    await turn();
    expect(isClosed).toBe(false);
    await answer(0);
    await closing;
    const other = open();
    other.add('a');
    const late = other.publisher.close();
    await other.clock.advance(2);
    await late;
    expect(clock.pending).toBe(0);
  });

  it('tells when the events up to then have been sent, and rejects if some of them were dropped', async () => {
    const { clock, publisher, add, answer } = open(3);
    const outcomes: string[] = [];
    const follow = (name: string): void =>
      void publisher.sent().then(
        () => outcomes.push(`${name} sent`),
        () => outcomes.push(`${name} dropped`),
      );
    await publisher.sent();
    add('a');
    follow('a');
    await turn();
    add('b');
    follow('b');
    expect(outcomes).toEqual([]);
    await answer(0);
    expect(outcomes).toEqual(['a sent']);
    await answer(1);
    expect(outcomes).toEqual(['a sent', 'b sent']);
    add('c', 'd');
    follow('d');
    await turn();
    add('e', 'f');
    await answer(2, new QueueConnectionError('Away'));
    expect(outcomes.slice(2)).toEqual(['d dropped']);
    follow('f');
    await clock.advance(1);
    await answer(3);
    await publisher.sent();
    expect(outcomes.slice(3)).toEqual(['f sent']);
    add('g');
    follow('g');
    await turn();
    await answer(4, new QueueClosedError());
    expect(outcomes.slice(4)).toEqual(['g dropped']);
  });

  it('drops the events of a storage that is closed', async () => {
    const { log, clock, logger, add, answer } = open();
    add('a');
    await turn();
    await answer(0, new QueueClosedError());
    await clock.advance(5);
    expect(log.sent).toHaveLength(1);
    expect(logger.of('warn')).toEqual([]);
  });
});
