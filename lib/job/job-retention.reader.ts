import type { OptionReader } from '../support/option-reader.js';
import { durationCheck } from './attempt-options.reader.js';
import type { CheckedJobRetention } from './job-retention.js';

const JOB_RETENTION_OPTIONS = ['completed', 'failed'] as const;

/** Reads the option `retention` of a job or of a push; `undefined` if it says nothing. @throws InvalidOptionError */
export function readJobRetention(options: OptionReader): CheckedJobRetention | undefined {
  if (options.raw('retention') === undefined) return undefined;
  const given = options.below('retention');
  given.refuseOthers(JOB_RETENTION_OPTIONS);
  const completed = given.get('completed', durationCheck);
  const failed = given.get('failed', durationCheck);
  return completed === undefined && failed === undefined ? undefined : Object.freeze({ completed, failed });
}
