import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  Post,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { QueueManager } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';
import { ImageService } from './image.service.js';
import { ResizeImageDto } from './resize-image.dto.js';
import { ResizeImageJob } from './resize-image.job.js';

const LIMITS = { fileSize: 10 * 1024 * 1024, files: 1 };

/** The part of multer's uploaded file that this controller uses. */
interface Upload {
  readonly buffer: Buffer;
}

@Controller('images')
export class ImagesController {
  constructor(
    private readonly queue: QueueManager,
    private readonly images: ImageService,
  ) {}

  /** Stores the file `image` of a form, and pushes a job that resizes it to the field `width`. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @UseInterceptors(FileInterceptor('image', { limits: LIMITS }))
  async resize(
    @UploadedFile() upload: Upload | undefined,
    @Body() { width }: ResizeImageDto,
  ): Promise<AcceptedJob & { readonly imageUrl: string }> {
    if (!upload) throw new BadRequestException('Expected a form with a file named "image"');
    const name = await this.images.store(upload.buffer);
    const id = await this.queue.push(new ResizeImageJob(name, width));
    return { ...accepted(id), imageUrl: `/images/${this.images.resizedName(name, width)}` };
  }

  /** Returns the resized picture after its job has completed. */
  @Get(':name')
  async get(@Param('name') name: string): Promise<StreamableFile> {
    const path = this.images.path(name);
    if (!this.images.isName(name) || !(await isFile(path))) throw new NotFoundException(`No picture ${name}`);
    return new StreamableFile(createReadStream(path), {
      type: `image/${name.split('.').at(-1)!.replace('jpg', 'jpeg')}`,
    });
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
