import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { DataProviders } from './data-providers.js';
import { PortfolioModule } from './portfolio.module.js';
import { OPTIONS, RecordingProviders, RedisWorld, URL_VARIABLE } from './redis-world.js';

/** A worker process of the application. It ends when the process that started it ends. */
const url = process.env[URL_VARIABLE]!;
const world = new RedisWorld(new Redis(url));
process.stdin.on('end', () => process.exit(3)).resume();
const application = await NestFactory.createApplicationContext(
  PortfolioModule.of({ ...OPTIONS, redis: { url }, worker: { lease: '1s' } }, world, world, [
    { provide: DataProviders, useValue: new RecordingProviders(world) },
  ]),
  { logger: ['error'] },
);
application.enableShutdownHooks();
process.stdout.write('up\n');
