import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';
import { CommandError, EXIT } from './command-error.js';

/**
 * Sets the variables of a file, where they are not set already.
 *
 * @param given the file to read; without one it is `.env` of the working directory, should there be one
 * @throws CommandError where the file that was asked for cannot be read
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
    // A folder of that name is somebody else's.
    if (code === 'ENOENT' || code === 'EISDIR') return '';
    throw new CommandError(`.env cannot be read: ${message}`, EXIT.failure, { cause });
  }
}
