import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Email } from './email.js';
import { compose, Mailer } from './mailer.js';

/** Writes e-mails to files that mail programs open, in place of sending them. */
export class OutboxMailer extends Mailer {
  private readonly transport = createTransport({ streamTransport: true, buffer: true });

  constructor(
    private readonly folder: string,
    private readonly from: string,
  ) {
    super();
  }

  async send(email: Email, id: string): Promise<string> {
    const { message } = await this.transport.sendMail(compose(email, id, this.from));
    const path = join(this.folder, `${id}.eml`);
    await mkdir(this.folder, { recursive: true });
    // Renames the finished file, so that the folder never shows half a message.
    await writeFile(`${path}.part`, message);
    await rename(`${path}.part`, path);
    return path;
  }
}
