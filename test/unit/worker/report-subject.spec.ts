import { describe, expect, it } from '@jest/globals';
import { filter, map, tap } from 'rxjs';
import type { JobReport } from '../../../lib/worker/job-report.js';
import { ReportSubject } from '../../../lib/worker/report-subject.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { thrower } from '../../support/thrower.js';

const fail = thrower(new Error('no luck'));
const rejecting = (): unknown => Promise.reject(new Error('no luck'));

describe('reports$', () => {
  it.each<[string, (reports: ReportSubject) => void]>([
    ['throws', (reports) => void reports.asObservable().subscribe(fail)],
    ['rejects', (reports) => void reports.asObservable().subscribe(rejecting)],
    ['is an observer that throws', (reports) => void reports.asObservable().subscribe({ next: fail })],
    ['stands behind a pipe and throws', (reports) => void reports.asObservable().pipe(filter(Boolean)).subscribe(fail)],
    [
      'has an operator that throws',
      (reports) => void reports.asObservable().pipe(filter(Boolean), map(fail)).subscribe(),
    ],
  ])('logs an error, and harms no other subscriber, if a subscriber %s', async (_, subscribe) => {
    const logger = new RecordingLogger();
    const reports = new ReportSubject(logger);
    const seen: unknown[] = [];
    subscribe(reports);
    reports.asObservable().subscribe(({ name }) => seen.push(name));
    reports.next({ name: 'a' } as JobReport);
    reports.next({ name: 'b' } as JobReport);
    await new Promise(setImmediate);
    expect(seen).toEqual(['a', 'b']);
    expect(logger.of('error')[0]).toMatch(/^A subscriber of reports\$ threw: no luck\n/);
  });

  it('goes on to call a subscriber that threw', () => {
    const logger = new RecordingLogger();
    const reports = new ReportSubject(logger);
    reports.asObservable().subscribe(fail);
    for (const name of ['a', 'b']) reports.next({ name } as JobReport);
    expect(logger.of('error')).toHaveLength(2);
  });

  it('gives an error of an operator to the subscriber that handles errors, and ends with unsubscribe()', () => {
    const logger = new RecordingLogger();
    const reports = new ReportSubject(logger);
    const seen: unknown[] = [];
    const error = (thrown: Error): unknown => seen.push(thrown.message);
    const complete = (): unknown => seen.push('complete');
    reports.asObservable().pipe(tap(fail)).subscribe({ error });
    const subscription = reports.asObservable().subscribe({ next: ({ name }) => seen.push(name), complete });
    reports.next({ name: 'a' } as JobReport);
    subscription.unsubscribe();
    expect(reports.observed).toBe(false);
    reports.asObservable().subscribe({ complete });
    reports.complete();
    expect(seen).toEqual(['no luck', 'a', 'complete']);
    expect(logger.text).toBe('');
  });
});
