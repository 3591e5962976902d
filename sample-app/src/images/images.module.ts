import { Module } from '@nestjs/common';
import { QueueModule } from 'nestjs-job-queue';
import { ImageService } from './image.service.js';
import { ImagesController } from './images.controller.js';
import { ResizeImageJob } from './resize-image.job.js';

@Module({
  imports: [QueueModule.forFeature([ResizeImageJob])],
  controllers: [ImagesController],
  providers: [ImageService],
})
export class ImagesModule {}
