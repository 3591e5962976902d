import { Injectable } from '@nestjs/common';

export const SOURCES = ['YAHOO', 'COINGECKO', 'EOD', 'MANUAL'] as const;

/** Where the prices of an asset come from. Nothing is fetched from `MANUAL`. */
export type DataSource = (typeof SOURCES)[number];

export interface Asset {
  readonly dataSource: DataSource;
  readonly symbol: string;
}

export interface User {
  readonly id: string;
  readonly isPaying: boolean;
  readonly assets: readonly Asset[];
}

/** The tables of the application. Days are numbers from 0 on. */
@Injectable()
export class Market {
  readonly assets: Asset[] = [];
  readonly currencies: Asset[] = [];
  readonly users: User[] = [];
  readonly names = new Map<string, string>();
  readonly inactive = new Set<string>();
  readonly statistics = new Map<string, number>();
  today = 0;
  private readonly prices = new Map<string, Map<number, number>>();

  pricesOf(asset: Asset): ReadonlyMap<number, number> {
    return this.prices.get(keyOf(asset)) ?? new Map();
  }

  /** Stores prices. With `force` they take the place of all that are there from the first one on. */
  store(asset: Asset, prices: ReadonlyMap<number, number>, force: boolean): void {
    const known = this.prices.get(keyOf(asset)) ?? new Map<number, number>();
    const first = Math.min(...prices.keys());
    if (force) for (const day of known.keys()) if (day >= first) known.delete(day);
    for (const [day, price] of prices) known.set(day, price);
    this.prices.set(keyOf(asset), known);
  }
}

export function keyOf({ dataSource, symbol }: Asset): string {
  return `${dataSource}/${symbol}`;
}
