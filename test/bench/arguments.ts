import { parseArgs } from 'node:util';

/** The parsed command line. */
export interface BenchArguments {
  readonly quick: boolean;
  /** The names of measurements; empty for all of them. */
  readonly only: readonly string[];
  /** True to fail the run if a target is missed. */
  readonly assert: boolean;
  /** The file for all measured values. */
  readonly json?: string;
  /** The folder for CPU profiles, one for each timed section. */
  readonly profile?: string;
  readonly help: boolean;
}

export const USAGE = `npm run bench -- [options]

  --quick           a short run: fewer and shorter rounds
  --only <names>    only these measurements, separated by commas
  --json <file>     save all measured values
  --profile <dir>   save a CPU profile of each timed section
  --assert          fail (exit code 2) when a target is missed
  --help`;

/**
 * Reads the command line.
 *
 * @param known the names of the measurements
 * @throws Error with a message for the user
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
