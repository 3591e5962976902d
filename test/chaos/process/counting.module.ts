import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { Job, QueueModule, type JobContext, type JobHandler, type QueueModuleOptions } from '../../../lib/index.js';
import { RunCount } from './run-count.js';

/** Each of so many jobs fails in its first attempt. */
const FAILS_EACH = 50;

/** A job with a number, which is written down when it has run. */
@Job()
@Injectable()
export class CountingJob implements JobHandler<number> {
  constructor(private readonly count: RunCount) {}

  handle(number: number, { attempt }: JobContext): void {
    if (attempt === 1 && number % FAILS_EACH === 0) throw new Error('the first attempt fails');
    this.count.add(number);
  }
}

/** An application that works millions of jobs, of which a history would be too long. */
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
