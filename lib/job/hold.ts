import { oneOf } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';

/** What a released job holds back beside itself. */
export type Hold = 'queue' | 'group';

/** How a job is released. */
export interface ReleaseOptions {
  /**
   * What waits as long as the job does: `'queue'`: no job of its queue starts meanwhile, in any process; `'group'`: none of its group. A
   * job without a group waits alone. Default: the job alone.
   */
  readonly hold?: Hold;
}

const OPTIONS = ['hold'] as const satisfies readonly (keyof ReleaseOptions)[];
const holdCheck = oneOf<Hold>('queue', 'group');

/** @throws InvalidOptionError */
export function readReleaseOptions(options: ReleaseOptions): ReleaseOptions {
  const given = OptionReader.of(options, 'release');
  given.refuseOthers(OPTIONS);
  const hold = given.get('hold', holdCheck);
  return hold === undefined ? {} : { hold };
}
