import type { OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import type { Email } from './email.js';
import { compose, Mailer } from './mailer.js';

/** Sends e-mails to a mail server. */
export class SmtpMailer extends Mailer implements OnApplicationShutdown {
  private readonly transport;

  constructor(
    url: string,
    private readonly from: string,
  ) {
    super();
    this.transport = createTransport(url);
  }

  async send(email: Email, id: string): Promise<string> {
    const { response } = await this.transport.sendMail(compose(email, id, this.from));
    return response;
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }
}
