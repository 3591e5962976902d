import type { OptionReader } from '../support/option-reader.js';
import { durationCheck } from './attempt-options.reader.js';
import type { CheckedJobRetention } from './job-options.js';

const JOB_RETENTION_OPTIONS = ['completed', 'failed'] as const;

/** Reads the option `retention` of a job; `undefined` if it is not given. @throws InvalidOptionError */
export function readJobRetention(options: OptionReader): CheckedJobRetention | undefined {
  if (options.raw('retention') === undefined) return undefined;
  const given = options.below('retention');
  given.refuseOthers(JOB_RETENTION_OPTIONS);
  return Object.freeze({
    completed: given.get('completed', durationCheck),
    failed: given.get('failed', durationCheck),
  });
}
