import { Inject, Logger } from '@nestjs/common';
import { Job, type JobInterface } from 'nestjs-job-queue';
import { ImageService } from './image.service.js';

/** A job of the second form: it carries its data, and is pushed as one object. */
@Job({ queue: 'images' })
export class ResizeImageJob implements JobInterface<string> {
  /** Injected when the job runs, and never stored. */
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
    Logger.error(`Picture ${this.name} cannot be resized: ${error.message}`, ResizeImageJob.name);
  }

  getMaxTries(): number {
    return 3;
  }

  getRetryDelay(): number {
    return 5;
  }
}
