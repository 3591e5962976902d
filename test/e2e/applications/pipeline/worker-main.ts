import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { PipelineModule } from './pipeline.module.js';
import { RedisLibrary } from './redis-library.js';

/** A worker process of the application. It ends when the process that started it ends. */
const url = process.env['PIPELINE_REDIS']!;
const library = new RedisLibrary(new Redis(url));
process.stdin.on('end', () => process.exit(3)).resume();
const application = await NestFactory.createApplicationContext(
  PipelineModule.of({ driver: 'redis', redis: { url }, events: { everywhere: true } }, library, library),
  { logger: ['error'] },
);
application.enableShutdownHooks();
process.stdout.write('up\n');
