import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type Asset, keyOf } from './market.js';

/** The asset is not traded any more. */
export class DelistedError extends Error {
  override readonly name = 'DelistedError';
}

/** The sources of prices, as a test wants them. Each call takes a turn of the event loop. */
@Injectable()
export class DataProviders {
  /** The calls, in their order. */
  readonly calls: string[] = [];
  /** The error that a call throws, if any. */
  failure: (asset: Asset, kind: 'profile' | 'history') => Error | undefined = () => undefined;
  /** The days without a price. */
  gaps: readonly number[] = [];
  /** The price of a day. */
  price: (day: number) => number = (day) => 100 + day;

  async profile(asset: Asset): Promise<string> {
    await this.call(asset, 'profile');
    return `${asset.symbol} Inc.`;
  }

  async history(asset: Asset, from: number, to: number): Promise<Map<number, number>> {
    await this.call(asset, 'history');
    const prices = new Map<number, number>();
    for (let day = from; day <= to; day++) if (!this.gaps.includes(day)) prices.set(day, this.price(day));
    return prices;
  }

  async statistic(name: string): Promise<number> {
    this.calls.push(`statistic ${name}`);
    return name.length;
  }

  private async call(asset: Asset, kind: 'profile' | 'history'): Promise<void> {
    this.calls.push(`${kind} ${keyOf(asset)}`);
    await turn();
    const failure = this.failure(asset, kind);
    if (failure) throw failure;
  }
}
