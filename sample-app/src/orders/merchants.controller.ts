import { Body, Controller, Get, HttpCode, HttpException, HttpStatus, Param, Post, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';

interface Merchant {
  /** Orders by their ids: a second call for an order changes nothing. */
  readonly orders: Map<string, unknown>;
  /** When its webhook was called lately, in milliseconds. */
  calls: number[];
  refused: number;
}

/** The calls that a merchant has got. */
interface MerchantReport {
  readonly orders: number;
  /** How many calls were answered with 429. */
  readonly refused: number;
}

/** How many calls a merchant takes in a window, and its length in milliseconds. */
const MOST = 3;
const WINDOW = 1000;
/** The most orders that a merchant remembers. */
const REMEMBERED = 1000;

/** Plays the other side: merchants that take three calls a second, and answer 429 to more. */
@Controller('merchants')
export class MerchantsController {
  private readonly merchants = new Map<string, Merchant>();

  @Post(':merchant/webhook')
  @HttpCode(HttpStatus.NO_CONTENT)
  take(
    @Param('merchant') name: string,
    @Body() order: { id?: unknown },
    @Res({ passthrough: true }) response: ServerResponse,
  ): void {
    const merchant = this.merchants.get(name) ?? { orders: new Map<string, unknown>(), calls: [], refused: 0 };
    this.merchants.set(name, merchant);
    const now = Date.now();
    merchant.calls = merchant.calls.filter((time) => time > now - WINDOW);
    if (merchant.calls.length >= MOST) {
      merchant.refused++;
      response.setHeader('retry-after', WINDOW / 1000);
      throw new HttpException('Too many calls', HttpStatus.TOO_MANY_REQUESTS);
    }
    merchant.calls.push(now);
    if (merchant.orders.size < REMEMBERED) merchant.orders.set(String(order.id), order);
  }

  @Get(':merchant')
  report(@Param('merchant') name: string): MerchantReport {
    const merchant = this.merchants.get(name);
    return { orders: merchant?.orders.size ?? 0, refused: merchant?.refused ?? 0 };
  }
}
