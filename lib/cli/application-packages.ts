import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as nest from '@nestjs/core';
import type * as library from '../index.js';

/** Nest and this library, in the copies that the application uses. */
export interface ApplicationPackages {
  readonly nest: typeof nest;
  readonly library: typeof library;
}

/**
 * Loads the application's own copies of Nest and of this library: a provider that was registered with one copy cannot
 * be found through another. If the application has no copy of a package, loads that of the command.
 *
 * @param modulePath the file of the application's module
 */
export async function loadPackages(modulePath: string): Promise<ApplicationPackages> {
  const { resolve } = createRequire(modulePath);
  return {
    nest: await load(resolve, '@nestjs/core', () => import('@nestjs/core')),
    library: await load(resolve, 'nestjs-job-queue', () => import('../index.js')),
  };
}

async function load<T>(resolve: NodeJS.RequireResolve, name: string, loadOwn: () => Promise<T>): Promise<T> {
  let path: string;
  try {
    path = resolve(name);
  } catch {
    return loadOwn();
  }
  return (await import(pathToFileURL(path).href)) as T;
}
