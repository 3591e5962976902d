import { Module } from '@nestjs/common';
import { EmailsModule } from '../emails/emails.module.js';
import { ContactsService } from './contacts.service.js';
import { ImportContactsJob } from './import-contacts.job.js';
import { ImportsController } from './imports.controller.js';
import { WelcomeContactHandler } from './welcome-contact.handler.js';

@Module({
  imports: [EmailsModule],
  controllers: [ImportsController],
  providers: [ContactsService, ImportContactsJob, WelcomeContactHandler],
})
export class ImportsModule {}
