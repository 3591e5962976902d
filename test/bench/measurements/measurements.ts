import { cancel } from './cancel.js';
import { codecs } from './codecs.js';
import { cost } from './cost.js';
import { debounce } from './debounce.js';
import { defaults } from './defaults.js';
import { depth } from './depth.js';
import { due } from './due.js';
import { fairness } from './fairness.js';
import { floor } from './floor.js';
import { flows } from './flows.js';
import { groupSizes } from './group-sizes.js';
import { groupmq } from './groupmq.js';
import { groups } from './groups.js';
import { heap } from './heap.js';
import { idle } from './idle.js';
import { latency } from './latency.js';
import { limits } from './limits.js';
import { lists } from './lists.js';
import { loadedLatency } from './loaded-latency.js';
import type { Measurement } from './measurement.interface.js';
import { memory } from './memory.js';
import { partitions } from './partitions.js';
import { pause } from './pause.js';
import { payloads } from './payloads.js';
import { priority } from './priority.js';
import { processes } from './processes.js';
import { pushMany } from './push-many.js';
import { push } from './push.js';
import { retry } from './retry.js';
import { schedules } from './schedules.js';
import { scripts } from './scripts.js';
import { telling } from './telling.js';
import { throughput } from './throughput.js';
import { unique } from './unique.js';
import { waits } from './waits.js';

/** All measurements, in the order of the table. */
export const MEASUREMENTS: readonly Measurement[] = [
  push,
  pushMany,
  throughput,
  telling,
  priority,
  unique,
  flows,
  groups,
  groupmq,
  groupSizes,
  fairness,
  debounce,
  limits,
  partitions,
  defaults,
  floor,
  depth,
  processes,
  payloads,
  codecs,
  due,
  latency,
  loadedLatency,
  cancel,
  pause,
  waits,
  lists,
  retry,
  idle,
  schedules,
  memory,
  heap,
  cost,
  scripts,
];
