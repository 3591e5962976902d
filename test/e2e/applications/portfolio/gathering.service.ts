import { Injectable } from '@nestjs/common';
import { jobSpec, QueueManager, type DispatchResult } from 'nestjs-job-queue';
import { GatherHistory, GatherProfile, GatherStatistic, STATISTICS } from './gathering.jobs.js';
import { type Asset, keyOf, Market } from './market.js';

const [LOW, MEDIUM, HIGH] = [-10, 0, 10];

@Injectable()
export class GatheringService {
  constructor(
    private readonly queue: QueueManager,
    private readonly market: Market,
  ) {}

  /** Asks for the profiles of all assets. Those that are asked for already are not asked for twice. */
  async gatherAll(): Promise<readonly DispatchResult[]> {
    const profiles = this.market.assets
      .filter((asset) => this.isGathered(asset))
      .map((asset) => jobSpec(GatherProfile, asset, { id: `profile:${keyOf(asset)}`, unique: true, priority: LOW }));
    return this.queue.dispatchMany(profiles);
  }

  /** Asks for the latest prices: currencies first, then what paying users hold, then the rest. */
  async gatherRecent(): Promise<readonly DispatchResult[]> {
    const { market } = this;
    const ofPaying = new Set(
      market.users.filter(({ isPaying }) => isPaying).flatMap(({ assets }) => assets.map(keyOf)),
    );
    const from = market.today - 1;
    const spec = (asset: Asset, priority: number) =>
      jobSpec(
        GatherHistory,
        { ...asset, from, force: false },
        { id: `history:${keyOf(asset)}`, unique: true, priority },
      );
    return this.queue.dispatchMany([
      ...market.assets
        .filter((asset) => this.isGathered(asset))
        .map((asset) => spec(asset, ofPaying.has(keyOf(asset)) ? MEDIUM : LOW)),
      ...market.currencies.map((asset) => spec(asset, HIGH)),
    ]);
  }

  async gatherStatistics(): Promise<void> {
    await this.queue.pushMany(STATISTICS.map((name) => jobSpec(GatherStatistic, { name })));
  }

  private isGathered(asset: Asset): boolean {
    return asset.dataSource !== 'MANUAL' && !this.market.inactive.has(keyOf(asset));
  }
}
