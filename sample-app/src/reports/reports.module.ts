import { Module } from '@nestjs/common';
import { QueueReportJob } from './queue-report.job.js';

@Module({ providers: [QueueReportJob] })
export class ReportsModule {}
