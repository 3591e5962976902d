import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';
import { CommandError, EXIT } from './command-error.js';

/**
 * Sets the variables of a file, except those that are set already.
 *
 * @param given the file to read. Default: `.env` of the working directory, if it exists
 * @throws CommandError if the file cannot be read
 */
export function loadEnvFile(cwd: string, given: string | undefined, env: NodeJS.ProcessEnv = process.env): void {
  const text = given === undefined ? readIfThere(join(cwd, '.env')) : readNamed(resolve(cwd, given), given);
  for (const [name, value] of Object.entries(parse(text))) env[name] ??= value;
}

function readNamed(path: string, given: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CommandError(`--env-file ${given} cannot be read: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // A folder named `.env` (a virtual environment of Python, for example) does not belong to this command.
    if (code === 'ENOENT' || code === 'EISDIR') return '';
    throw new CommandError(`.env cannot be read: ${message}`, EXIT.failure, { cause });
  }
}
