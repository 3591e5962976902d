import { Injectable } from '@nestjs/common';
import { OnQueueEvent, type QueueEvent } from 'nestjs-job-queue';
import { Subject } from 'rxjs';
import { ExtractMetadata, GeneratePreview } from './stages.js';

/** The messages that clients of this process get over their web sockets. */
@Injectable()
export class ClientMessages {
  readonly messages = new Subject<{ readonly job: string; readonly id: string }>();

  @OnQueueEvent('completed', ExtractMetadata)
  @OnQueueEvent('completed', GeneratePreview)
  onCompleted({ name, id }: QueueEvent<'completed'>): void {
    this.messages.next({ job: name, id });
  }
}
