import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { DataProviders } from './data-providers.js';
import { PortfolioModule } from './portfolio.module.js';
import {
  FAST_RULES,
  FAST_VARIABLE,
  OPTIONS,
  RecordingProviders,
  RedisWorld,
  SELDOM_RULES,
  URL_VARIABLE,
} from './redis-world.js';
import { RunLog } from './scheduled-gathering.js';

/** A worker process of the application. It ends when the process that started it ends. */
const url = process.env[URL_VARIABLE]!;
const world = new RedisWorld(new Redis(url));
process.stdin.on('end', () => process.exit(3)).resume();
const application = await NestFactory.createApplicationContext(
  PortfolioModule.of(
    { ...OPTIONS, redis: { url }, worker: { lease: '1s' } },
    world,
    world,
    [
      { provide: DataProviders, useValue: new RecordingProviders(world) },
      { provide: RunLog, useValue: world },
    ],
    process.env[FAST_VARIABLE] === undefined ? SELDOM_RULES : FAST_RULES,
  ),
  { logger: ['error'] },
);
application.enableShutdownHooks();
process.stdout.write('up\n');
