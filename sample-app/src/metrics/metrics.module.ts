import { Module } from '@nestjs/common';
import { QueueMetricsModule } from 'nestjs-job-queue/prometheus';
import { MetricsController } from './metrics.controller.js';

@Module({ imports: [QueueMetricsModule.forRoot()], controllers: [MetricsController] })
export class MetricsModule {}
