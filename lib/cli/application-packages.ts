import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as nest from '@nestjs/core';
import type * as library from '../index.js';

/** The packages as the application has them. */
export interface ApplicationPackages {
  readonly nest: typeof nest;
  readonly library: typeof library;
}

/**
 * Loads the application's own copies of Nest and of this library: what is registered with one copy is not found through
 * another. Where it has none of its own, the command's are taken.
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

async function load<T>(resolve: NodeJS.RequireResolve, name: string, own: () => Promise<T>): Promise<T> {
  let path: string;
  try {
    path = resolve(name);
  } catch {
    return own();
  }
  return (await import(pathToFileURL(path).href)) as T;
}
