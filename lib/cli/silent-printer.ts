import type { Printer } from './printer.interface.js';

/** Prints nothing: errors go to stderr, by other ways. */
export const silentPrinter: Printer = Object.freeze({ started() {}, stopping() {}, stopped() {} });
