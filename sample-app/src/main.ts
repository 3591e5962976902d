import { config as loadEnvFile } from 'dotenv';
import type { AddressInfo, Server } from 'node:net';
import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RESOLVED_QUEUE_OPTIONS, type ResolvedQueueOptions } from 'nestjs-job-queue';
import { AppModule } from './app.module.js';
import { AppConfig, DEFAULT_PORT } from './config/app.config.js';
import { welcome } from './welcome.js';

async function start(): Promise<void> {
  loadEnvFile({ quiet: true });
  const app = await NestFactory.create(AppModule, {
    // No log until the application is ready: the only output is then the welcome text, or the error below.
    logger: false,
    abortOnError: false,
    // Pages that are open must not keep the process from its end.
    forceCloseConnections: true,
  });
  // On SIGTERM and Ctrl+C the worker waits for running jobs.
  app.enableShutdownHooks();
  await app.listen(process.env['PORT'] || DEFAULT_PORT);
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  const options = app.get<ResolvedQueueOptions>(RESOLVED_QUEUE_OPTIONS);
  const url = `http://localhost:${port}`;
  const config = app.get(AppConfig);
  if (!process.env['MERCHANTS_URL']) config.merchantsUrl = `${url}/merchants`;
  console.log(welcome(url, config, options));
  app.useLogger(new ConsoleLogger({ logLevels: ['log', 'warn', 'error', 'fatal'] }));
}

try {
  await start();
} catch (error) {
  console.error(`The sample application could not start: ${(error as Error).message}`);
  process.exit(1);
}
