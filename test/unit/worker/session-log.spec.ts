import { beforeEach, describe, expect, it } from '@jest/globals';
import { LeaseLostError, StorageCorruptError } from '../../../lib/queue.errors.js';
import { SessionLog } from '../../../lib/worker/session-log.js';
import { NOTHING } from '../../support/poll-result.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { newAttempt } from './attempts.js';

const HINT = '. A job that waits for worker.stop() or app.close() waits for itself';

describe('SessionLog', () => {
  let logger: RecordingLogger;
  let log: SessionLog;

  beforeEach(() => {
    logger = new RecordingLogger();
    log = new SessionLog(logger);
  });

  it('logs nothing of a reply that contains only jobs', () => {
    log.answered('mail', NOTHING);
    expect(logger.text).toBe('');
  });

  it('warns of each refused settlement', () => {
    log.answered('mail', { ...NOTHING, refused: ['a', 'b'] });
    const rest = 'of queue mail is not held by this worker any more: the outcome of this attempt does not count';
    expect(logger.of('warn')).toEqual([`Job a ${rest}`, `Job b ${rest}`]);
  });

  it('warns of each recovered job with its lost consumer', () => {
    log.answered('mail', { ...NOTHING, takenOver: [{ id: 'a', consumer: 'host:7' }] });
    expect(logger.of('warn')).toEqual(['Job a of queue mail was recovered: its worker (consumer host:7) was lost']);
  });

  it('warns of each dangling id, cut to 80 characters and escaped', () => {
    log.answered('mail', { ...NOTHING, danglingIds: ['x'.repeat(100), 'a\u001b[31m'] });
    expect(logger.of('warn')).toEqual([
      `Queue mail held "${'x'.repeat(80)}", which is the id of no job: dropped`,
      String.raw`Queue mail held "a\u001b[31m", which is the id of no job: dropped`,
    ]);
  });

  it('warns of a lost lease', () => {
    const reason = new LeaseLostError('mail');
    log.leaseLost(reason);
    expect(logger.of('warn')).toEqual([reason.message]);
  });

  it('warns of a job that is requeued at the end of a shutdown, also without a name', () => {
    const attempt = newAttempt();
    log.requeued(attempt);
    log.requeued({ ...attempt, name: '' });
    expect(logger.of('warn')).toEqual([
      `SendEmailJob a did not end in time and is requeued${HINT}`,
      `Job a did not end in time and is requeued${HINT}`,
    ]);
  });

  describe('of a queue that cannot be polled', () => {
    const error = new StorageCorruptError('mail');

    it('logs a lasting error once, and another error again', () => {
      log.failed('mail', error);
      log.failed('mail', error);
      log.failed('mail', new Error('no luck'));
      expect(logger.of('error')).toEqual([
        `Queue mail cannot be worked at the moment: ${error.message}`,
        'Queue mail cannot be worked at the moment: no luck',
      ]);
    });

    it('logs once that the queue works again', () => {
      log.failed('mail', error);
      log.answered('mail', NOTHING);
      log.answered('mail', NOTHING);
      expect(logger.of('log')).toEqual(['Queue mail works again']);
      log.failed('mail', error);
      expect(logger.of('error')).toHaveLength(2);
    });

    it('has errors until each queue works again', () => {
      log.failed('mail', error);
      log.failed('images', error);
      expect(log.hasErrors).toBe(true);
      log.answered('mail', NOTHING);
      expect(log.hasErrors).toBe(true);
      log.answered('images', NOTHING);
      expect(log.hasErrors).toBe(false);
    });
  });
});
