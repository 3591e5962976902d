import { transform } from '@swc/core';
import { fileURLToPath } from 'node:url';
import { swcOptions } from '../../support/swc-options.mjs';

let mutated;

/** @param data the file that has a fault, and its source with the fault */
export function initialize(data) {
  mutated = data;
}

/** Loads a file with its fault, as a module hook. */
export async function load(url, context, next) {
  if (url !== mutated.url) return next(url, context);
  const { code } = await transform(mutated.source, { ...swcOptions, filename: fileURLToPath(url) });
  return { format: 'module', source: code, shortCircuit: true };
}
