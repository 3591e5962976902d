import { readFile } from 'node:fs/promises';
import { Controller, Get, HttpCode, HttpStatus, NotFoundException, Param, Post } from '@nestjs/common';
import { type FlowState, jobSpec, QueueManager } from 'nestjs-job-queue';
import { ImageService } from './image.service.js';
import { ResizeImageJob } from './resize-image.job.js';
import { TellThumbnailsJob } from './tell-thumbnails.job.js';

const PICTURE = new URL('../../picture.png', import.meta.url);
const WIDTHS = Array.from({ length: 24 }, (_, at) => 16 * (at + 1));

interface AcceptedThumbnails {
  readonly id: string;
  readonly total: number;
  /** The path of the state of the batch. */
  readonly thumbnailsUrl: string;
}

@Controller('thumbnails')
export class ThumbnailsController {
  constructor(
    private readonly queue: QueueManager,
    private readonly images: ImageService,
  ) {}

  /** Makes thumbnails of a picture in one batch. When all are there, one more job tells so. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async make(): Promise<AcceptedThumbnails> {
    const picture = await this.images.store(await readFile(PICTURE));
    const jobs = WIDTHS.map((width) => new ResizeImageJob(picture, width));
    const { id, total } = await this.queue.batch(jobs, {
      name: picture,
      then: jobSpec(TellThumbnailsJob, { picture, count: jobs.length }),
    });
    return { id, total, thumbnailsUrl: `/thumbnails/${id}` };
  }

  /** Tells how many thumbnails are there. */
  @Get(':id')
  async progress(@Param('id') id: string): Promise<FlowState> {
    const state = await this.queue.getBatch(id);
    if (!state) throw new NotFoundException(`There are no thumbnails ${id}`);
    return state;
  }
}
