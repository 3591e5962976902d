#!/usr/bin/env node
import { flushOutput, surviveLostOutput } from '../output.js';
import { processIo } from './queue-io.js';
import { runQueue } from './run-queue.js';

surviveLostOutput();
const code = await runQueue(process.argv.slice(2), processIo());
await flushOutput();
process.exit(code);
