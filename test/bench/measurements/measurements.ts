import { cost } from './cost.js';
import { latency } from './latency.js';
import type { Measurement } from './measurement.interface.js';
import { memory } from './memory.js';
import { pushMany } from './push-many.js';
import { push } from './push.js';
import { throughput } from './throughput.js';

/** All measurements, in the order of the table. */
export const MEASUREMENTS: readonly Measurement[] = [push, pushMany, throughput, latency, memory, cost];
