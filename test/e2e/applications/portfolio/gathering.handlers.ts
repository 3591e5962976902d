import { Job, UnrecoverableError, type JobHandlerOf } from 'nestjs-job-queue';
import { DataProviders, DelistedError } from './data-providers.js';
import { GatherHistory, GatherProfile, GatherStatistic, type HistoryRequest } from './gathering.jobs.js';
import { type Asset, keyOf, Market } from './market.js';

@Job(GatherProfile)
export class GatherProfileHandler implements JobHandlerOf<typeof GatherProfile> {
  constructor(
    private readonly providers: DataProviders,
    private readonly market: Market,
  ) {}

  async handle(asset: Asset): Promise<void> {
    this.market.names.set(keyOf(asset), await unlessDelisted(asset, this.market, () => this.providers.profile(asset)));
  }
}

@Job(GatherHistory)
export class GatherHistoryHandler implements JobHandlerOf<typeof GatherHistory> {
  constructor(
    private readonly providers: DataProviders,
    private readonly market: Market,
  ) {}

  async handle(request: HistoryRequest): Promise<void> {
    const { from, force } = request;
    const { today } = this.market;
    const found = await unlessDelisted(request, this.market, () => this.providers.history(request, from, today));
    this.market.store(request, withoutGaps(found, from, today), force);
  }
}

@Job(GatherStatistic)
export class GatherStatisticHandler implements JobHandlerOf<typeof GatherStatistic> {
  constructor(
    private readonly providers: DataProviders,
    private readonly market: Market,
  ) {}

  async handle({ name }: { name: string }): Promise<void> {
    this.market.statistics.set(name, await this.providers.statistic(name));
  }
}

/** A delisted asset is marked as inactive, and is not asked for again. */
async function unlessDelisted<T>(asset: Asset, market: Market, fetch: () => Promise<T>): Promise<T> {
  try {
    return await fetch();
  } catch (error) {
    if (!(error instanceof DelistedError)) throw error;
    market.inactive.add(keyOf(asset));
    throw new UnrecoverableError(`${keyOf(asset)} is not traded any more`, { cause: error });
  }
}

/** A day without a price has that of the day before. */
function withoutGaps(prices: ReadonlyMap<number, number>, from: number, to: number): Map<number, number> {
  const filled = new Map<number, number>();
  let last: number | undefined;
  for (let day = from; day <= to; day++) {
    last = prices.get(day) ?? last;
    if (last !== undefined) filled.set(day, last);
  }
  return filled;
}
