import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchArguments {
  readonly quick: boolean;
  /** Names of measurements; all of them where none is given. */
  readonly only: readonly string[];
  /** Whether a missed target fails the run. */
  readonly assert: boolean;
  /** A file to save everything measured in. */
  readonly json?: string;
  /** A folder to save CPU profiles of the timed sections in, one for each. */
  readonly profile?: string;
  readonly help: boolean;
}

export const USAGE = `npm run bench -- [options]

  --quick           a short run: fewer and shorter rounds
  --only <names>    only these measurements, separated by commas
  --json <file>     save everything measured
  --profile <dir>   save a CPU profile of each timed section
  --assert          fail (exit code 2) when a target is missed
  --help`;

/**
 * Reads the command line.
 *
 * @param known the names of the measurements
 * @throws with a message for the user
 */
export function readArguments(args: readonly string[], known: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      assert: { type: 'boolean', default: false },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only.split(',').filter(Boolean);
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only: no measurement "${unknown}"; there are ${known.join(', ')}`);
  return { ...values, only };
}
