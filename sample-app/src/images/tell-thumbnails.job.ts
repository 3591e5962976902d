import { Logger } from '@nestjs/common';
import { Job, type JobHandler } from 'nestjs-job-queue';

/** Runs once, when all thumbnails of a picture are there. */
@Job({ queue: 'images' })
export class TellThumbnailsJob implements JobHandler<{ picture: string; count: number }> {
  handle({ picture, count }: { picture: string; count: number }): void {
    Logger.log(`All ${count} thumbnails of ${picture} are there`, TellThumbnailsJob.name);
  }
}
