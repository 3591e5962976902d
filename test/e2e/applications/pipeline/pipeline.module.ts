import { Module, type DynamicModule } from '@nestjs/common';
import { QueueModule, type QueueModuleOptions } from 'nestjs-job-queue';
import { AlbumMailer, Albums, SendAlbumMailHandler } from './album-mail.js';
import { ClientMessages } from './client-messages.js';
import { Nightly, NightlyHandler, RecogniseAllHandler } from './nightly.js';
import { Library } from './library.js';
import { Operations, QueueAllThumbnailsHandler, ScanLibraryHandler } from './operations.js';
import { Pipeline, STAGE_HANDLERS } from './stage-handlers.js';
import { QUEUES } from './stages.js';

@Module({})
export class PipelineModule {
  static of(queue: QueueModuleOptions, library: Library, mailer: AlbumMailer): DynamicModule {
    return {
      module: PipelineModule,
      imports: [
        QueueModule.forRoot({
          logger: false,
          worker: { queues: Object.fromEntries(QUEUES.map((each) => [each, 2])), lease: '1s' },
          ...queue,
        }),
      ],
      providers: [
        Pipeline,
        Operations,
        Albums,
        ClientMessages,
        SendAlbumMailHandler,
        QueueAllThumbnailsHandler,
        ScanLibraryHandler,
        Nightly,
        NightlyHandler,
        RecogniseAllHandler,
        ...STAGE_HANDLERS,
        { provide: Library, useValue: library },
        { provide: AlbumMailer, useValue: mailer },
      ],
    };
  }
}
