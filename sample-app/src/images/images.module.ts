import { Module } from '@nestjs/common';
import { QueueModule } from 'nestjs-job-queue';
import { ImageService } from './image.service.js';
import { ImagesController } from './images.controller.js';
import { ResizeImageJob } from './resize-image.job.js';
import { TellThumbnailsJob } from './tell-thumbnails.job.js';
import { ThumbnailsController } from './thumbnails.controller.js';

@Module({
  imports: [QueueModule.forFeature([ResizeImageJob])],
  controllers: [ImagesController, ThumbnailsController],
  providers: [ImageService, TellThumbnailsJob],
})
export class ImagesModule {}
