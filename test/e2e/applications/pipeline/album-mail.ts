import { Injectable } from '@nestjs/common';
import { defineJob, Job, QueueManager, type JobHandlerOf } from 'nestjs-job-queue';

export interface AlbumMail {
  readonly album: string;
  readonly user: string;
  readonly photos: readonly string[];
}

/** Sends mails. */
export abstract class AlbumMailer {
  abstract send(mail: AlbumMail): Promise<void>;
}

/** Tells a user of new photos, five minutes after the last one. */
export const SendAlbumMail = defineJob<AlbumMail>('send-album-mail', {
  queue: 'notifications',
  debounce: {
    key: ({ album, user }) => `${album}/${user}`,
    wait: '5m',
    merge: (waiting, pushed) => ({ ...pushed, photos: [...waiting.photos, ...pushed.photos] }),
  },
});

@Job(SendAlbumMail)
export class SendAlbumMailHandler implements JobHandlerOf<typeof SendAlbumMail> {
  constructor(private readonly mailer: AlbumMailer) {}

  async handle(mail: AlbumMail): Promise<void> {
    await this.mailer.send(mail);
  }
}

@Injectable()
export class Albums {
  constructor(private readonly queue: QueueManager) {}

  async addPhoto(album: string, user: string, photo: string): Promise<void> {
    await this.queue.push(SendAlbumMail, { album, user, photos: [photo] });
  }
}
