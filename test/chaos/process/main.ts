import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ChaosModule } from './chaos.module.js';
import { History } from './history.js';
import { ORDERS, type Orders } from './orders.js';

/** The process that chaos tests start, and do things to. It ends with the process that started it. */
const orders = JSON.parse(process.env[ORDERS]!) as Orders;
const history = new History(orders.history);
process.on('exit', (code) => history.write({ type: 'exit', code }));
process.stdin.on('end', () => process.exit(3)).resume();

const module = ChaosModule.of(history, orders.queue, orders.scriptTime);
const app = await NestFactory.createApplicationContext(module, { logger: ['error'] });
app.enableShutdownHooks();
history.write({ type: 'up', pid: process.pid });
process.stdout.write('up\n');
