import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ChaosModule } from './chaos.module.js';
import { History } from './history.js';
import { setClockAhead } from './clock-ahead.js';
import { OPTIONS_VARIABLE, type ProcessOptions } from './process-options.js';

/** Runs the worker process of a chaos test. This process ends when the process that started it ends. */
const options = JSON.parse(process.env[OPTIONS_VARIABLE]!) as ProcessOptions;
setClockAhead(options.clockAhead);
const history = new History(options.history);
process.on('exit', (code) => history.write({ type: 'exit', code }));
process.stdin.on('end', () => process.exit(3)).resume();

const module = ChaosModule.of(history, options.queue, options.scriptTime);
const app = await NestFactory.createApplicationContext(module, { logger: ['error'] });
app.enableShutdownHooks();
history.write({ type: 'up', pid: process.pid });
process.stdout.write('up\n');
