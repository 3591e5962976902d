import { Job, type JobContext, type JobHandler } from 'nestjs-job-queue';
import { ContactsService } from './contacts.service.js';

/** How far an import is, and at its end its result. */
export interface ImportTotals {
  imported: number;
  skipped: number;
}

interface Position extends ImportTotals {
  /** The number of lines that are done. */
  readonly done: number;
}

/** The time between two checkpoints, in milliseconds. */
const INTERVAL = 1000;

/** Imports a list of contacts, one `email,name` a line. It tells its progress, and goes on where a stopped attempt was. */
@Job({ queue: 'imports', keepResult: '1d' })
export class ImportContactsJob implements JobHandler<{ list: string }, ImportTotals> {
  constructor(private readonly contacts: ContactsService) {}

  async handle({ list }: { list: string }, job: JobContext<unknown, Position>): Promise<ImportTotals> {
    const lines = await this.contacts.readList(list);
    const { done, ...totals } = job.checkpointed ?? { done: 0, imported: 0, skipped: 0 };
    let stored = performance.now();
    for (const [index, line] of lines.entries()) {
      if (index < done) continue;
      job.signal.throwIfAborted();
      const [email = '', name = ''] = line.split(',').map((part) => part.trim());
      if (email.includes('@')) {
        await this.contacts.upsert(email, name);
        totals.imported++;
      } else {
        totals.skipped++;
      }
      await job.progress((100 * (index + 1)) / lines.length);
      if (performance.now() - stored < INTERVAL) continue;
      await job.checkpoint({ done: index + 1, ...totals });
      stored = performance.now();
    }
    return totals;
  }
}
