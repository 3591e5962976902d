import type { Printer } from './printer.interface.js';

/** Prints nothing: errors go to stderr through the logger. */
export const silentPrinter: Printer = Object.freeze({ started() {}, stopping() {}, paused() {}, stopped() {} });
