import { Module } from '@nestjs/common';
import { LiveFeed } from './live-feed.js';
import { LiveController } from './live.controller.js';
import { WorkerProcesses } from './worker-processes.js';
import { WorkersController } from './workers.controller.js';

@Module({ controllers: [LiveController, WorkersController], providers: [LiveFeed, WorkerProcesses] })
export class LiveModule {}
