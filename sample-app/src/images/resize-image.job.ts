import { Inject, Logger } from '@nestjs/common';
import { Job, type JobInterface } from 'nestjs-job-queue';
import { ImageService } from './image.service.js';

/** A job that carries its data: an instance of it is pushed. */
@Job({ queue: 'images' })
export class ResizeImageJob implements JobInterface<string> {
  /** Nest injects it when the job runs. The queue does not store it. */
  @Inject()
  private readonly images!: ImageService;

  constructor(
    readonly name: string,
    readonly width: number,
  ) {}

  async handle(): Promise<string> {
    const path = await this.images.resize(this.name, this.width);
    Logger.log(`Picture of width ${this.width}: ${path}`, ResizeImageJob.name);
    return path;
  }

  failed(error: Error): void {
    Logger.error(`Resizing the picture ${this.name} failed: ${error.message}`, ResizeImageJob.name);
  }

  getMaxTries(): number {
    return 3;
  }

  getRetryDelay(): number {
    return 5;
  }
}
