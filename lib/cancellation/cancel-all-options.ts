import { text } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';

/** Which jobs `cancelAll` cancels. */
export interface CancelAllOptions {
  /** Those of this job name. Default: of every name. */
  readonly name?: string;
  /** Those with this tag. */
  readonly tag?: string;
  /** Those of this group. */
  readonly group?: string;
}

const OPTIONS = ['name', 'tag', 'group'] as const satisfies readonly (keyof CancelAllOptions)[];

/** @throws InvalidOptionError */
export function readCancelAll(options: CancelAllOptions): CancelAllOptions {
  const given = OptionReader.of(options, 'cancelAll');
  given.refuseOthers(OPTIONS);
  return { name: given.get('name', text), tag: given.get('tag', text), group: given.get('group', text) };
}
