import { Module } from '@nestjs/common';
import { JobsController } from './jobs.controller.js';
import { QueuesController } from './queues.controller.js';

@Module({ controllers: [JobsController, QueuesController] })
export class JobsModule {}
