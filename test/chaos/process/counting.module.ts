import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { Job, QueueModule, type JobContext, type JobHandler, type QueueModuleOptions } from '../../../lib/index.js';
import { RunCount } from './run-count.js';

/** One of this number of jobs fails in its first attempt. */
const JOBS_PER_FAILURE = 50;

/** Writes down its number when it runs. */
@Job()
@Injectable()
export class CountingJob implements JobHandler<number> {
  constructor(private readonly count: RunCount) {}

  handle(number: number, { attempt }: JobContext): void {
    if (attempt === 1 && number % JOBS_PER_FAILURE === 0) throw new Error('the first attempt fails');
    this.count.add(number);
  }
}

/** An application that runs millions of jobs. It only counts them, because a history of them would be too long. */
@Module({})
export class CountingModule {
  static of(count: RunCount, options: QueueModuleOptions): DynamicModule {
    return {
      module: CountingModule,
      imports: [QueueModule.forRoot(options)],
      providers: [{ provide: RunCount, useValue: count }, CountingJob],
    };
  }
}
