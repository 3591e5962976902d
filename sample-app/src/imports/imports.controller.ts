import {
  BadRequestException,
  Controller,
  Delete,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  Post,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { QueueManager } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';
import { ContactsService } from './contacts.service.js';
import { ImportContactsJob } from './import-contacts.job.js';

const LIMITS = { fileSize: 10 * 1024 * 1024, files: 1 };

/** The part of multer's uploaded file that this controller uses. */
interface Upload {
  readonly buffer: Buffer;
}

@Controller('imports')
export class ImportsController {
  constructor(
    private readonly queue: QueueManager,
    private readonly contacts: ContactsService,
  ) {}

  /** Stores the file `contacts` of a form, and pushes a job that imports it. The status of the job has progress and result. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @UseInterceptors(FileInterceptor('contacts', { limits: LIMITS }))
  async import(@UploadedFile() upload: Upload | undefined): Promise<AcceptedJob> {
    if (!upload) throw new BadRequestException('Expected a form with a file named "contacts"');
    const list = await this.contacts.storeList(upload.buffer);
    return accepted(await this.queue.push(ImportContactsJob, { list }));
  }

  /** Cancels an import. What it has imported stays. The status of the job tells when it has ended. */
  @Delete(':id')
  @HttpCode(HttpStatus.ACCEPTED)
  async cancel(@Param('id') id: string): Promise<AcceptedJob> {
    const status = await this.queue.getJobStatus(id);
    const isImport = status?.queue === 'imports';
    if (!isImport || !(await this.queue.cancel(id, 'cancelled by a request'))) {
      throw new NotFoundException(`There is no import ${id} that waits or runs`);
    }
    return accepted(id);
  }
}
