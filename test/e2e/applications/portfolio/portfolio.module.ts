import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { QueueModule, type QueueModuleOptions } from 'nestjs-job-queue';
import { DataProviders } from './data-providers.js';
import { GatherHistoryHandler, GatherProfileHandler, GatherStatisticHandler } from './gathering.handlers.js';
import { GatheringService } from './gathering.service.js';
import { Market } from './market.js';
import { OperatorController } from './operator.controller.js';
import { MemoryRunLog, RULES, RunLog, scheduledGathering, type GatheringRules } from './scheduled-gathering.js';
import {
  Calculator,
  ComputeSnapshotHandler,
  PortfolioChangedHandler,
  SnapshotCache,
  SnapshotService,
} from './snapshots.js';

@Module({})
export class PortfolioModule {
  /** @param others providers of their own, such as one that tells other processes of its calls */
  static of(
    queue: QueueModuleOptions,
    cache: SnapshotCache,
    calculator: Calculator,
    others: readonly Provider[] = [],
    rules: GatheringRules = RULES,
  ): DynamicModule {
    return {
      module: PortfolioModule,
      imports: [
        QueueModule.forRoot({
          logger: false,
          // A source takes one call in three seconds; a slow one holds up no other.
          queues: { history: { groups: { rateLimit: { max: 1, per: '3s' } } } },
          ...queue,
        }),
      ],
      controllers: [OperatorController],
      providers: [
        Market,
        DataProviders,
        GatheringService,
        GatherProfileHandler,
        GatherHistoryHandler,
        GatherStatisticHandler,
        ...scheduledGathering(rules),
        { provide: RunLog, useClass: MemoryRunLog },
        SnapshotService,
        ComputeSnapshotHandler,
        PortfolioChangedHandler,
        { provide: SnapshotCache, useValue: cache },
        { provide: Calculator, useValue: calculator },
        ...others,
      ],
    };
  }
}
