import { Job, type JobContext, type JobHandlerOf } from 'nestjs-job-queue';
import { Mailer } from '../emails/mailer.js';
import { ContactsService } from './contacts.service.js';
import { WelcomeContact } from './welcome-contact.definition.js';

/** Sends a contact one e-mail, however often the job runs. Returns its place. */
@Job(WelcomeContact, { timeout: '1m' })
export class WelcomeContactHandler implements JobHandlerOf<typeof WelcomeContact> {
  constructor(
    private readonly contacts: ContactsService,
    private readonly mailer: Mailer,
  ) {}

  async handle({ email }: { email: string }, job: JobContext): Promise<string | undefined> {
    const contact = await this.contacts.find(email);
    if (!contact || (await this.contacts.isWelcomed(email))) return undefined;
    const message = { to: email, subject: `Welcome, ${contact.name || email}`, body: 'You are on our list now.' };
    const place = await this.mailer.send(message, job.id);
    await this.contacts.setWelcomed(email);
    return place;
  }
}
