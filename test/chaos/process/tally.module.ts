import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { Job, QueueModule, type JobContext, type JobHandler, type QueueModuleOptions } from '../../../lib/index.js';
import { Tally } from './tally.js';

/** Each of so many jobs fails in its first attempt. */
const FAILS_EACH = 50;

/** A job with a number, which is written down when it has run. */
@Job()
@Injectable()
export class TallyJob implements JobHandler<number> {
  constructor(private readonly tally: Tally) {}

  handle(number: number, { attempt }: JobContext): void {
    if (attempt === 1 && number % FAILS_EACH === 0) throw new Error('the first attempt fails');
    this.tally.add(number);
  }
}

/** An application that works millions of jobs, of which a history would be too long. */
@Module({})
export class TallyModule {
  static of(tally: Tally, options: QueueModuleOptions): DynamicModule {
    return {
      module: TallyModule,
      imports: [QueueModule.forRoot(options)],
      providers: [{ provide: Tally, useValue: tally }, TallyJob],
    };
  }
}
