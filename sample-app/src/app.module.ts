import { Module, ValidationPipe } from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { QueueModule } from 'nestjs-job-queue';
import { AdminModule } from './admin/admin.module.js';
import { ArticlesModule } from './articles/articles.module.js';
import { QueueErrorInterceptor } from './common/queue-error.interceptor.js';
import { AppConfig } from './config/app.config.js';
import { ConfigModule } from './config/config.module.js';
import { QUEUE_LIMITS } from './config/queue-limits.js';
import { EmailsModule } from './emails/emails.module.js';
import { ExamplesModule } from './examples/examples.module.js';
import { HealthModule } from './health/health.module.js';
import { ImagesModule } from './images/images.module.js';
import { ImportsModule } from './imports/imports.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LiveModule } from './live/live.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { ParcelsModule } from './parcels/parcels.module.js';
import { ReportsModule } from './reports/reports.module.js';

@Module({
  imports: [
    ConfigModule,
    QueueModule.forRootAsync({
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({ queues: QUEUE_LIMITS, ...config.queue }),
    }),
    EmailsModule,
    ImagesModule,
    ImportsModule,
    ArticlesModule,
    OrdersModule,
    ReportsModule,
    ExamplesModule,
    JobsModule,
    ParcelsModule,
    LiveModule,
    HealthModule,
    MetricsModule,
    AdminModule,
  ],
  providers: [
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }),
    },
    { provide: APP_INTERCEPTOR, useClass: QueueErrorInterceptor },
  ],
})
export class AppModule {}
