import { Module } from '@nestjs/common';
import { ContactsService } from './contacts.service.js';
import { ImportContactsJob } from './import-contacts.job.js';
import { ImportsController } from './imports.controller.js';

@Module({ controllers: [ImportsController], providers: [ContactsService, ImportContactsJob] })
export class ImportsModule {}
