import { Module } from '@nestjs/common';
import { ExampleJob } from './example.job.js';
import { ExamplesController } from './examples.controller.js';

@Module({ controllers: [ExamplesController], providers: [ExampleJob] })
export class ExamplesModule {}
