import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { firstOnPath } from './redis-binary.js';

const run = promisify(execFile);

/** The names under which distributions install Chromium. The first one is the package that is installed if there is none. */
const PROGRAMS = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
const [PACKAGE] = PROGRAMS as [string, ...string[]];

/**
 * Finds Chromium: the program in CHROMIUM, or one on PATH. Where there is none, installs Debian's package, which takes half a minute.
 *
 * @throws Error with the software to install
 */
async function findChromium(): Promise<string> {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  const known = await programOnPath();
  if (known) return known;
  try {
    await install();
  } catch (error) {
    throw new Error(
      `These tests need Chromium. Install it so that one of ${PROGRAMS.join(', ')} is on PATH, or name the program in CHROMIUM. ` +
        `(The installation of Debian's package ${PACKAGE} failed: ${(error as Error).message.trim()})`,
      { cause: error },
    );
  }
  return (await programOnPath()) ?? PACKAGE;
}

async function programOnPath(): Promise<string | undefined> {
  for (const program of PROGRAMS) {
    const path = await firstOnPath(program);
    if (path !== undefined) return path;
  }
  return undefined;
}

async function install(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another process may be installing something.
  const options = ['-o', 'DPkg::Lock::Timeout=60', '-qq', '-y', '--no-install-recommends'];
  const installPackage = (): Promise<unknown> => run('apt-get', [...options, 'install', PACKAGE], { env });
  try {
    await installPackage();
  } catch {
    await run('apt-get', ['-qq', 'update'], { env });
    await installPackage();
  }
}

/** Starts Chromium without a window. @throws Error as above */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu'],
  });
}
