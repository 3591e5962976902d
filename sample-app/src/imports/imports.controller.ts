import {
  BadRequestException,
  ConflictException,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  Post,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { QueueManager, type JobState, type JobStatus } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';
import { ContactsService } from './contacts.service.js';
import { ImportContactsJob } from './import-contacts.job.js';

const LIMITS = { fileSize: 10 * 1024 * 1024, files: 1 };

interface AcceptedImport extends AcceptedJob {
  /** The path of progress and result. */
  readonly importUrl: string;
}

interface ImportProgress {
  readonly id: string;
  readonly status: JobState;
  /** Percent. */
  readonly progress: unknown;
  /** What the import has done; missing until it has completed. */
  readonly result?: unknown;
  readonly error?: string;
}

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

  /** Stores the file `contacts` of a form, and pushes a job that imports it. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @UseInterceptors(FileInterceptor('contacts', { limits: LIMITS }))
  async import(@UploadedFile() upload: Upload | undefined): Promise<AcceptedImport> {
    if (!upload) throw new BadRequestException('Expected a form with a file named "contacts"');
    const list = await this.contacts.storeList(upload.buffer);
    return acceptedImport(await this.queue.push(ImportContactsJob, { list }));
  }

  /** Tells how far an import is, and at its end how many contacts it has imported. */
  @Get(':id')
  async progress(@Param('id') id: string): Promise<ImportProgress> {
    const { status, progress = 0, result, error } = await this.find(id);
    return { id, status, progress, ...(result !== undefined && { result }), ...(error !== undefined && { error }) };
  }

  /** Cancels an import. What it has imported stays. Its status tells when it has ended. */
  @Delete(':id')
  @HttpCode(HttpStatus.ACCEPTED)
  async cancel(@Param('id') id: string): Promise<AcceptedImport> {
    await this.find(id);
    if (!(await this.queue.cancel(id, 'cancelled by a request'))) {
      throw new ConflictException(`The import ${id} has ended already`);
    }
    return acceptedImport(id);
  }

  private async find(id: string): Promise<JobStatus> {
    const status = await this.queue.getJobStatus(id);
    if (status?.queue !== 'imports') throw new NotFoundException(`There is no import ${id}`);
    return status;
  }
}

function acceptedImport(id: string): AcceptedImport {
  return { ...accepted(id), importUrl: `/imports/${id}` };
}
